#include <doctest/doctest.h>
#include <unistd.h>

#include "recentfile/lock.hpp"
#include "support/tools/points.hpp"
#include "sys/fault.hpp"
#include "sys/tree/dir.hpp"
#include "unit/origin/set.hpp"
#include "unit/recentfile/processes.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

// Levels 1h, 6h, 1d, Z with events that each level alone has, and a delete that hides an old file.
struct History : Set {
  explicit History(const Lines& aggregator = {"6h", "1d", "Z"}) : Set(aggregator) {
    add("oldest", 1299000000);
    add("gone", 1299000010);
    aggregate(1299000020, true);
    aggregate(1299000030, true);
    add("yesterday", 1299900000);
    aggregate(1299900010, true);
    aggregate(1299900020, true);
    add("today", 1299980000);
    aggregate(1299980010);
    add("now", 1300000000);
    remove("gone", 1300000001);
    clock.set(1300000010);
  }
  ConversionReport convert(const Conversion& conversion) {
    Conversion with_place = conversion;
    with_place.state_directory = elsewhere.root + "/state";
    return convert_origin(scratch.root, with_place, options, clock);
  }
  [[nodiscard]] Lines everything() const {
    Lines out;
    for (const Event& event : news(scratch.root))
      out.push_back(event.epoch.text() + " " + std::string(to_string(event.type)) + " " + event.path);
    return out;
  }
  Scratch elsewhere;
};

Conversion to_chain(const Lines& aggregator) {
  Conversion conversion;
  conversion.aggregator = aggregator;
  return conversion;
}

Conversion to_format(const std::string& suffix) {
  Conversion conversion;
  conversion.serializer_suffix = suffix;
  return conversion;
}

Lines warnings_of_news(const std::string& root) {
  Lines warnings;
  news(root, {}, NewsMode::newest_per_path, &warnings);
  return warnings;
}

}  // namespace

TEST_SUITE("origin::convert") {
  TEST_CASE("another format holds the same, under the link, and the old files go to a safe place") {
    for (const char* suffix : {".json", ".sto", ".dd"}) {
      CAPTURE(suffix);
      History set;
      const Lines before = set.everything();
      const auto dirtymark = set.meta("1h").dirtymark;
      const ConversionReport report = set.convert(to_format(suffix));
      CHECK(report.written.size() == 4);
      CHECK(set.everything() == before);
      CHECK(sys::read_link(set.scratch.root + "/RECENT.recent") == std::string("RECENT-1h") + suffix);
      for (const std::string& name : set.scratch.names())
        CHECK((name == "RECENT.recent" || name.ends_with(suffix)));
      const auto meta = *read_meta({set.scratch.root, {"RECENT", "6h", suffix}});
      CHECK(meta.serializer_suffix == suffix);
      CHECK(meta.dirtymark == dirtymark);
      CHECK(std::filesystem::exists(*report.moved_to + "/RECENT-Z.yaml"));
      CHECK(set.convert(to_format(".yaml")).written.size() == 4);
      CHECK(set.everything() == before);
      set.aggregate(1300000100, true);
      CHECK(set.everything().size() == before.size());
    }
  }

  TEST_CASE("a level that is left out gives its events to the next one") {
    History set;
    const Lines before = set.everything();
    const ConversionReport report = set.convert(to_chain({"Z"}));
    CHECK(report.written == Lines{"RECENT-Z.yaml", "RECENT-1h.yaml"});
    CHECK(set.everything() == before);
    CHECK(set.scratch.names() == Lines{"RECENT-1h.yaml", "RECENT-Z.yaml", "RECENT.recent"});
    CHECK(set.meta("1h").merged->into_interval == "Z");
    CHECK(warnings_of_news(set.scratch.root).empty());
    set.open().aggregate(true);
    CHECK(set.everything() == Lines(before.begin(), before.end()));
  }

  TEST_CASE("a new level has all events of its interval, and the chain joins") {
    History set({"Z"});
    const Lines before = set.everything();
    const ConversionReport report = set.convert(to_chain({"6h", "1d", "1W", "Z"}));
    CHECK(report.written ==
          Lines{"RECENT-1W.yaml", "RECENT-1d.yaml", "RECENT-6h.yaml", "RECENT-1h.yaml", "RECENT-Z.yaml"});
    CHECK(set.everything() == before);
    CHECK(warnings_of_news(set.scratch.root).empty());
    CHECK(set.level("6h") == Lines{"1300000001 delete gone", "1300000000 new now", "1299980000 new today"});
    CHECK(set.meta("6h").merged->into_interval == "1d");
    CHECK(*set.meta("1h").aggregator == Lines{"6h", "1d", "1W", "Z"});
    // Life goes on: nothing is lost however the levels are cut later.
    Set& again = set;
    again.settings.aggregator = {"6h", "1d", "1W", "Z"};
    again.add("later", 1300100000);
    again.aggregate(1300100001, true);
    again.aggregate(1300100002, true);
    CHECK(again.present() == Lines{"later", "now", "oldest", "today", "yesterday"});
  }

  TEST_CASE("one level takes another's place") {
    History set;
    const Lines before = set.everything();
    set.convert(to_chain({"2h", "1W", "Z"}));
    CHECK(set.everything() == before);
    CHECK(warnings_of_news(set.scratch.root).empty());
    CHECK(set.scratch.names() ==
          Lines{"RECENT-1W.yaml", "RECENT-1h.yaml", "RECENT-2h.yaml", "RECENT-Z.yaml", "RECENT.recent"});
  }

  TEST_CASE("the last level gets deletes, keeps them, and loses them again") {
    History set;
    Conversion conversion;
    conversion.keep_delete_objects_forever = true;
    CHECK(set.convert(conversion).written == Lines{"RECENT-Z.yaml"});
    CHECK(set.level("Z").front() == "1300000001 delete gone");
    set.add("later", 1300100000);
    set.aggregate(1300100001, true);
    CHECK(set.level("Z")[1] == "1300000001 delete gone");
    conversion.keep_delete_objects_forever = false;
    set.convert(conversion);
    for (const std::string& line : set.level("Z")) CHECK(line.find("delete") == std::string::npos);
    CHECK(set.present() == Lines{"later", "now", "oldest", "today", "yesterday"});
  }

  TEST_CASE("a comment is set on all levels, and taken away; doing nothing writes nothing") {
    History set;
    Conversion conversion;
    conversion.comment = "about this tree";
    CHECK(set.convert(conversion).written.size() == 4);
    CHECK(set.meta("1d").comment == "about this tree");
    CHECK(set.convert(conversion).written.empty());
    conversion.comment = "";
    set.convert(conversion);
    CHECK_FALSE(set.meta("1h").comment);
    CHECK(set.convert(to_format(".yaml")).written.empty());
  }

  TEST_CASE("what makes no sense is refused before anything changes") {
    History set;
    const auto before = set.scratch.read("RECENT-1h.yaml");
    for (const auto& conversion :
         {to_chain({"6h"}), to_chain({"6h", "360m", "Z"}), to_chain({"soon", "Z"}), to_format(".xml")})
      CHECK(kind_of([&] { set.convert(conversion); }) == Kind::usage);
    set.scratch.write("RECENT-1d.yaml", "meta: [");
    CHECK(kind_of([&] { set.convert(to_format(".json")); }) == Kind::corrupt);
    set.options.locktimeout = {};
    const auto lock = lock_root(set.scratch.root, {}, set.clock);
    CHECK(kind_of([&] { set.convert(to_chain({"Z"})); }) == Kind::locked);
    set.options.dry_run = true;
    CHECK(kind_of([&] { set.convert(to_chain({"Z"})); }) == Kind::corrupt);
    CHECK(set.scratch.read("RECENT-1h.yaml") == before);
    CHECK(set.scratch.names().size() == 5);
  }

  TEST_CASE(
      "a conversion that fails or dies at any system call leaves a whole set and is finished by another") {
    Conversion conversion = to_format(".json");
    conversion.aggregator = Lines{"12h", "1d", "Z"};
    for (const bool killed : {false, true}) {
      for (int n = killed ? 2 : 1, code = 1; code != 0; n += next_point()) {
        History set;
        const Lines before = set.everything();
        code = in_child([&] {
          int count = 0;
          sys::set_fault_hook([&](std::string_view, std::string_view) {
            if (++count != n) return 0;
            if (killed) ::_exit(77);
            return EIO;
          });
          try {
            set.convert(conversion);
          } catch (const Error&) {
            return 78;
          }
          return count < n ? 0 : 79;
        });
        CHECK(set.everything() == before);
        set.convert(conversion);
        CHECK(set.everything() == before);
        // A killed process's lock directories go with the next aggregate.
        for (const std::string& name : set.scratch.names()) {
          const bool wanted = name == "RECENT.recent" || name.starts_with("RECENT.recent.lock.") ||
                              (name.ends_with(".json") && name != "RECENT-6h.json");
          CHECK_MESSAGE(wanted, name);
        }
        REQUIRE(n < 2000);
      }
    }
  }
}
