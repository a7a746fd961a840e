#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "origin/first_events.hpp"
#include "origin/old_set.hpp"
#include "origin/settings.hpp"
#include "sys/tree/dir.hpp"
#include "unit/origin/set.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

void set_mtime(const Set& set, const std::string& name, std::int64_t seconds) {
  const struct timespec times[2] = {{seconds, 0}, {seconds, 500000000}};
  REQUIRE(::utimensat(AT_FDCWD, (set.scratch.root + "/" + name).c_str(), times, AT_SYMLINK_NOFOLLOW) == 0);
}

void make_file(const Set& set, const std::string& name, std::int64_t mtime) {
  set.scratch.write(name, "x");
  set_mtime(set, name, mtime);
}

InitReport init(Set& set, const InitOptions& options = {}) {
  return init_origin(set.scratch.root, set.settings, options, set.options, set.clock);
}

void add_files(TreeFiles& files, const std::string& prefix, std::size_t n, std::int64_t mtime) {
  for (std::size_t i = 0; i < n; ++i) files.add(prefix + std::to_string(i), mtime);
}

// All events, newest first.
EventList events_of(TreeFiles files, double now) {
  std::sort(files.rows.begin(), files.rows.end(), ComesBefore{});
  const FirstEvents events(std::move(files), at(now));
  EventList out;
  FirstEvents::Cursor cursor(events);
  while (const EventRow* row = cursor.next()) {
    CHECK(events.epoch_of(out.rows.size()) == row->epoch());
    out.rows.push_back(out.make_row(row->epoch(), row->path(), row->type));
  }
  return out;
}

// Strictly descending, and no epoch with more than 6 digits.
bool descends(const EventList& events) {
  for (std::size_t i = 0; i < events.rows.size(); ++i) {
    const auto text = events.rows[i].epoch().text;
    if (EpochView::parse(text)->key != events.rows[i].key) return false;
    if (text.find('.') != std::string_view::npos && text.size() - text.find('.') > 7) return false;
    if (i > 0 && !(events.rows[i].epoch() < events.rows[i - 1].epoch())) return false;
  }
  return true;
}

}  // namespace

TEST_SUITE("origin::init") {
  TEST_CASE("a tree with files gets all levels at once, joined and merged") {
    Set set;
    make_file(set, "new", 1299999000);
    make_file(set, "sub/dir/hours", 1299990000);
    make_file(set, "sub/day", 1299950000);
    make_file(set, "ancient", 1000000000);
    const InitReport report = init(set);
    CHECK(report.files == 4);
    CHECK(report.written ==
          Lines{"RECENT-Z.yaml", "RECENT-1d.yaml", "RECENT-6h.yaml", "RECENT-1h.yaml", "RECENT.recent"});
    CHECK(set.level("1h") == Lines{"1299999000 new new"});
    CHECK(set.level("6h") == Lines{"1299999000 new new", "1299990000 new sub/dir/hours"});
    CHECK(set.level("1d").size() == 3);
    CHECK(set.level("Z").back() == "1000000000 new ancient");
    for (const char* interval : {"1h", "6h", "1d"})
      CHECK(set.meta(interval).merged->epoch->text() == "1299999000");
    for (const char* interval : {"1h", "6h", "1d", "Z"}) CHECK(set.meta(interval).dirtymark == "1300000000");
    CHECK(set.open().aggregate(true).merged_into.empty());
  }

  TEST_CASE("links are content and not followed; directories, fifos and bookkeeping are not") {
    Set set;
    make_file(set, "dir/file", 1200000000);
    REQUIRE(::symlink("dir", (set.scratch.root + "/to-dir").c_str()) == 0);
    REQUIRE(::symlink("nowhere", (set.scratch.root + "/dangling").c_str()) == 0);
    REQUIRE(::mkfifo((set.scratch.root + "/fifo").c_str(), 0600) == 0);
    make_file(set, "RECENT-9h.json.new", 1200000000);
    make_file(set, ".FRMRecent-RECENT-1h.yaml-abcd.yaml", 1200000000);
    make_file(set, ".recentd/journal", 1200000000);
    make_file(set, "dir/RECENT-6h.yaml", 1200000000);
    set_mtime(set, "to-dir", 1200000000);
    CHECK(init(set).files == 4);
    CHECK(set.present() == Lines{"dangling", "dir/RECENT-6h.yaml", "dir/file", "to-dir"});
  }

  TEST_CASE("a tree without files gets an empty principal and the link") {
    Set set;
    CHECK(init(set).written == Lines{"RECENT-1h.yaml", "RECENT.recent"});
    CHECK(set.level("1h").empty());
    CHECK(set.add("a", 1300000010).registered == 1);
    CHECK(set.aggregate(1300000011) == Lines{"6h", "1d", "Z"});
  }

  TEST_CASE("times of the future count as now, times before 1970 as 1") {
    Set set;
    make_file(set, "future", 1900000000);
    make_file(set, "past", -500);
    init(set);
    CHECK(set.level("Z") == Lines{"1300000000 new future", "1 new past"});
    REQUIRE(set.warnings.size() == 1);
    CHECK(set.warnings.front().find("1 files") != std::string::npos);
  }

  TEST_CASE("a million files of one second have strictly ordered epochs of at most 6 digits in it") {
    TreeFiles files;
    add_files(files, "f", 1000000, 1200000000);
    const EventList events = events_of(std::move(files), 1300000000);
    CHECK(events.rows.size() == 1000000);
    CHECK(descends(events));
    CHECK(events.rows.back().epoch().text == "1200000000");
    CHECK(events.rows.front().epoch().text == "1200000000.999999");
  }

  TEST_CASE("few files of one second get short epochs, the oldest the very mtime") {
    TreeFiles files;
    add_files(files, "f", 3, 1200000000);
    const EventList events = events_of(std::move(files), 1300000000);
    CHECK(lines(events) == Lines{"1200000000.6 new f0", "1200000000.3 new f1", "1200000000 new f2"});
  }

  TEST_CASE("what is too much for a second spills up, and down at the present") {
    // A second has a million places, of which the present may have seen half.
    const std::map<double, std::size_t> counts = {{1200000005.0, 1001000}, {1200000000.5, 501000}};
    for (const auto& [now, count] : counts) {
      TreeFiles files;
      add_files(files, "f", count, 1200000000);
      add_files(files, "g", 3, 1200000001);
      add_files(files, "h", 1, 1);
      const EventList events = events_of(std::move(files), now);
      CHECK(events.rows.size() == count + 4);
      CHECK(descends(events));
      CHECK(events.rows.front().epoch() <= Epoch::from_time(at(now)).view());
      CHECK(events.rows.back().epoch().text == "1");
      CHECK(events.rows[0].path() == "g0");
    }
  }

  TEST_CASE("files of this very second stay below now, and above the second before") {
    for (const double now : {1300000000.0, 1300000000.00001, 1300000000.99}) {
      TreeFiles files;
      add_files(files, "f", 3000, 1300000000);
      add_files(files, "g", 3000, 1299999999);
      const EventList events = events_of(std::move(files), now);
      CHECK(events.rows.size() == 6000);
      CHECK(descends(events));
      CHECK(events.rows.front().epoch() <= Epoch::from_time(at(now)).view());
      CHECK(events.rows[3000].path().front() == 'g');
    }
  }

  TEST_CASE("each level begins with what is within its time of the newest") {
    TreeFiles files;
    for (int i = 0; i < 500; ++i) files.add("f" + std::to_string(i), 1200000000 - i / 3);
    std::sort(files.rows.begin(), files.rows.end(), ComesBefore{});
    const FirstEvents events(std::move(files), at(1300000000));
    for (const std::int64_t seconds : {0, 1, 7, 100, 166, 167, 100000}) {
      std::size_t expected = 0;
      const auto bound = *minus_seconds(events.epoch_of(0).view(), seconds);
      while (expected < 500 && events.epoch_of(expected) >= bound) ++expected;
      CHECK(events.within(seconds) == expected);
    }
  }

  TEST_CASE("rsync's temporary files are no content yet") {
    Set set;
    make_file(set, "dir/.file.aX3bcd", 1300000000 - 60);
    make_file(set, "dir/.~tmp~/late", 1200000000);
    make_file(set, "dir/.profile.backup", 1200000000);
    make_file(set, ".zshrc.bak123", 1300000000 - 3700);
    CHECK(init(set).files == 2);
    CHECK(set.present() == Lines{".zshrc.bak123", "dir/.profile.backup"});
    REQUIRE(set.warnings.size() == 1);
    CHECK(set.warnings.front().find("dir/.file.aX3bcd, dir/.~tmp~") != std::string::npos);
  }

  TEST_CASE("paths that Perl's clients cannot fetch are indexed, and the operator is told of them") {
    Set set;
    for (const char* name : {"a", "d/#fit", "#b", ";c", "line\nfeed/d", "line\nfeed/e", "d/carriage\rreturn"})
      make_file(set, name, 1200000000);
    CHECK(init(set).files == 7);
    REQUIRE(set.warnings.size() == 1);
    CHECK(set.warnings.front().starts_with("5 paths, "));
    CHECK(set.warnings.front().find("cannot be fetched by Perl's clients") != std::string::npos);
    CHECK(set.present().size() == 7);
  }

  TEST_CASE("an existing set is refused, and the message says how to go on") {
    Set set;
    make_file(set, "a", 1200000000);
    init(set);
    const std::string before = set.scratch.read("RECENT-Z.yaml");
    std::string message;
    CHECK(kind_of([&] { init(set); }, &message) == Kind::refused);
    CHECK(message.find("recentd update") != std::string::npos);
    CHECK(message.find("init --force") != std::string::npos);
    set.scratch.write("RECENT-1h.yaml", "]] broken");
    CHECK(kind_of([&] { init(set); }) == Kind::refused);
    CHECK(set.scratch.read("RECENT-Z.yaml") == before);
    CHECK(set.scratch.read("RECENT-1h.yaml") == "]] broken");
  }

  TEST_CASE("with force the old set, all of it, is moved to the state's place first") {
    Set set;
    const Scratch state;
    make_file(set, "a", 1200000000);
    set.scratch.write("RECENT-9h.yaml", "old");
    set.scratch.write("RECENT-1h.json", "old");
    REQUIRE(::symlink("RECENT-9h.yaml", (set.scratch.root + "/RECENT.recent").c_str()) == 0);
    InitOptions options;
    options.force = true;
    options.state_directory = state.root + "/deep/er";
    const InitReport report = init(set, options);
    CHECK(report.moved_to == state.root + "/deep/er/old-1300000000");
    CHECK(state.read("deep/er/old-1300000000/RECENT-9h.yaml") == "old");
    CHECK(state.read("deep/er/old-1300000000/RECENT-1h.json") == "old");
    CHECK(sys::read_link(*report.moved_to + "/RECENT.recent") == "RECENT-9h.yaml");
    CHECK_FALSE(set.scratch.exists("RECENT-9h.yaml"));
    CHECK(set.present() == Lines{"a"});
    CHECK(init(set, options).moved_to == state.root + "/deep/er/old-1300000000.1");
  }

  TEST_CASE("with force the newest file counts as changed now, for mirrors that knew a newer event") {
    Set set;
    const Scratch state;
    make_file(set, "a", 1200000000);
    make_file(set, "b", 1100000000);
    init(set);
    InitOptions options;
    options.force = true;
    options.state_directory = state.root;
    init(set, options);
    CHECK(set.level("1h") == Lines{"1300000000 new a"});
    CHECK(set.level("Z") == Lines{"1300000000 new a", "1100000000 new b"});
  }

  TEST_CASE("the default state directory is the root's own") {
    const std::string place = state_directory("/srv/a b", "");
    CHECK(place.ends_with("recentd/%2Fsrv%2Fa%20b"));
    CHECK(state_directory("/srv/a", "/somewhere") == "/somewhere");
  }

  TEST_CASE("bad settings are refused before anything is written") {
    Set set;
    make_file(set, "a", 1200000000);
    const auto refused = [&](auto change) {
      OriginSettings settings = set.settings;
      change(settings);
      return kind_of([&] { init_origin(set.scratch.root, settings, {}, set.options, set.clock); }) ==
             Kind::usage;
    };
    CHECK(refused([](auto& s) { s.interval = "1x"; }));
    CHECK(refused([](auto& s) { s.aggregator = {"6h", "nope", "Z"}; }));
    CHECK(refused([](auto& s) { s.aggregator = {"24h", "1d", "Z"}; }));
    CHECK(refused([](auto& s) { s.aggregator = {"60m", "Z"}; }));
    CHECK(refused([](auto& s) { s.aggregator = {"6h", "1d"}; }));
    CHECK(refused([](auto& s) { s.filenameroot = "a/b"; }));
    CHECK(refused([](auto& s) { s.filenameroot = ""; }));
    CHECK(refused([](auto& s) { s.serializer_suffix = ".xml"; }));
    CHECK(refused([](auto& s) { s.canonize = "other"; }));
    CHECK(refused([](auto& s) { s.protocol = 2; }));
    CHECK(set.scratch.names() == Lines{"a"});
    CHECK(checked_levels(set.settings, false).size() == 4);
  }

  TEST_CASE("without Z, if that is allowed, the largest level holds everything") {
    Set set({"6h"});
    make_file(set, "a", 1299999000);
    make_file(set, "ancient", 1000000000);
    InitOptions options;
    options.allow_no_z = true;
    init(set, options);
    CHECK(set.level("6h").size() == 2);
    CHECK(set.level("1h").size() == 1);
  }

  TEST_CASE("a missing root and a mirror's target are refused") {
    Set set;
    CHECK(kind_of([&] { init_origin(set.scratch.root + "/no", set.settings, {}, set.options, set.clock); }) ==
          Kind::missing);
    set.scratch.write(".recentd/state", "source: up\n");
    CHECK(kind_of([&] { init(set); }) == Kind::refused);
  }

  TEST_CASE("a directory of the system is no origin unless that is said, and neighbours are told") {
    Set set;
    std::vector<std::string> told;
    set.options.on_warning = [&](const std::string& text) { told.push_back(text); };
    set.options.dry_run = true;
    for (const char* root : {"/", "/etc", "/root", "/usr/lib", "/proc"}) {
      CAPTURE(root);
      CHECK(kind_of([&] { init_origin(root, set.settings, {}, set.options, set.clock); }) == Kind::refused);
    }
    CHECK(told.empty());
    set.scratch.write("CPAN/.recentd/state", "source: up\n");
    init(set);
    CHECK(std::ranges::any_of(
        told, [](const auto& text) { return text.find("holds another tree") != std::string::npos; }));
  }

  TEST_CASE("a rehearsal of init writes nothing") {
    Set set;
    make_file(set, "a", 1200000000);
    set.options.dry_run = true;
    CHECK(init(set).written.size() == 5);
    CHECK(set.scratch.names() == Lines{"a"});
  }
}
