#include <ctime>

#include <doctest/doctest.h>
#include <unistd.h>

#include "sys/tree/dir.hpp"
#include "unit/origin/set.hpp"

using namespace recentd;
using namespace recentd::test;

// What the Go writer of such trees does otherwise, as something that a tree of ours has to survive
// (recentd-perl(7), THE GO PORT). The file that it puts in the link's place is tested where the link is.

namespace {

// Levels 1h, 6h and Z as somebody else left them at 1300000000.
struct Shared : Set {
  Shared() : Set({"6h", "Z"}) { clock.set(1300000000); }
  void put(const std::string& interval, const Lines& events, const std::string& merged = {},
           const std::string& into = {}) {
    LevelContent level = content(events);
    level.meta.aggregator = Lines{"6h", "Z"};
    if (!merged.empty()) level.meta.merged = Merged{epoch(merged), into, "1299999999"};
    recentd::test::put(file(interval), level, 1299990000);
    if (interval == "1h") (void)::symlink("RECENT-1h.yaml", (scratch.root + "/RECENT.recent").c_str());
  }
  [[nodiscard]] Lines warnings_of_news() const {
    Lines out;
    news(scratch.root, {}, NewsMode::newest_per_path, &out);
    return out;
  }
  void settle() {
    clock.set(clock.seconds() + 100);
    open().aggregate(true);
    clock.set(clock.seconds() + 100);
    open().aggregate(true);
  }
};

}  // namespace

TEST_SUITE("origin::go_port") {
  TEST_CASE("who holds the larger level and wants the smaller one makes us give up, not hang or harm") {
    Shared set;
    set.put("1h", {"1299999990 new a"});
    set.put("6h", {"1299990000 new b"}, "1299990000", "Z");
    set.scratch.write("RECENT-6h.yaml.lock/process", "1\n");
    set.options.locktimeout = {};
    CHECK(kind_of([&] { set.open().aggregate(true); }) == Kind::locked);
    CHECK_FALSE(set.scratch.exists("RECENT-1h.yaml.lock"));
    CHECK(set.level("6h") == Lines{"1299990000 new b"});
    CHECK(set.level("1h") == Lines{"1299999990 new a"});
  }

  TEST_CASE("a lock whose process file is not written yet is not stale") {
    for (const char* process : {"", "\n"}) {
      Shared set;
      set.put("1h", {"1299999990 new a"});
      set.scratch.write("RECENT-1h.yaml.lock/process", process);
      set.options.locktimeout = {};
      set.clock.set(static_cast<double>(std::time(nullptr)));  // the lock's time is the file system's
      CHECK(kind_of([&] { set.open().update({"b", EventType::new_, {}}); }) == Kind::locked);
      CHECK(set.scratch.exists("RECENT-1h.yaml.lock"));
    }
  }

  TEST_CASE("a principal that was cut at its merged epoch joins, and nothing is lost") {
    Shared set;
    set.put("1h", {"1299999990 new a", "1299999980 new b"}, "1299999980", "6h");
    set.put("6h", {"1299999980 new b", "1299999000 new c"}, "1299999000", "Z");
    set.put("Z", {"1299999000 new c"});
    CHECK(set.warnings_of_news().empty());
    set.settle();
    CHECK(set.present() == Lines{"a", "b", "c"});
  }

  TEST_CASE("a young tree has no gap; one behind what was merged is told") {
    Shared set;
    set.put("1h", {"1299999990 new a"});
    set.put("6h", {"1299990000 new b"});
    set.put("Z", {"1299990000 new b"});
    CHECK(set.warnings_of_news().empty());
    set.put("1h", {"1299999990 new a"}, "1299999980", "6h");
    REQUIRE(set.warnings_of_news().size() == 1);
    CHECK(set.warnings_of_news()[0].find("does not join") != std::string::npos);
    set.settle();
    CHECK(set.present() == Lines{"a", "b"});
  }

  TEST_CASE("a new dirtymark with merged taken back carries everything up again") {
    Shared set;
    LevelContent hour = content({"1299999990 new old file", "1299999980 new a"}, "1299999995");
    hour.meta.aggregator = Lines{"6h", "Z"};
    hour.meta.merged = Merged{};
    recentd::test::put(set.file("1h"), hour, 1299999996);
    set.put("6h", {"1299999980 new a"}, "1299999980", "Z");
    set.put("Z", {"1299999980 new a"});
    set.settle();
    CHECK(set.meta("Z").dirtymark == "1299999995");
    CHECK(set.level("Z").front() == "1299999990 new old file");
  }

  TEST_CASE("merged that promises more than the larger level has loses no event") {
    Shared set;
    set.put("1h", {"1299999990 new a", "1299999980 new lost", "1299999970 new b"}, "1299999990", "6h");
    set.put("6h", {"1299999990 new a", "1299999970 new b"});
    set.add("c", 1299999999);
    set.settle();
    const Lines six = set.level("6h");
    CHECK(std::ranges::count(six, "1299999980 new lost") == 1);
  }

  TEST_CASE("a level Z with deletes is read, and its deletes hide nothing that is newer") {
    Shared set;
    set.put("1h", {"1299999990 new back"}, "1299999990", "6h");
    set.put("6h", {"1299999990 new back"}, "1299999000", "Z");
    set.put("Z", {"1299999000 delete gone", "1299998000 delete back", "1299997000 new here"});
    CHECK(set.present() == Lines{"back", "here"});
    set.settle();
    CHECK(set.present() == Lines{"back", "here"});
  }

  TEST_CASE("equal epochs and epochs with exponents are read, and spaced when we write") {
    Shared set;
    set.scratch.write(
        "RECENT-1h.yaml",
        "meta:\n    aggregator: [6h, Z]\n    filenameroot: RECENT\n    interval: 1h\n    protocol: 1\n"
        "recent:\n    - epoch: 1.29999999e+09\n      path: a\n      type: new\n"
        "    - epoch: 1299999990\n      path: b\n      type: new\n"
        "    - epoch: 1.299999980e9\n      path: c\n      type: new\n");
    CHECK(set.present() == Lines{"a", "b", "c"});
    set.add("d", 1300000000);
    CHECK(set.present() == Lines{"a", "b", "c", "d"});
    const LevelContent level = get(set.file("1h"));
    CHECK_FALSE(level.disordered);
    CHECK(level.events.rows.size() == 4);
    for (const auto& line : set.level("1h")) CHECK(line.find("e+") == std::string::npos);
    CHECK(std::ranges::count(set.level("1h"), "1299999980 new c") == 1);
  }

  TEST_CASE("exponents that Go writes into the meta part are spelled out, too") {
    Shared set;
    set.scratch.write(
        "RECENT-1h.yaml",
        "meta:\n    aggregator: [6h, Z]\n    dirtymark: 1.29999995e+09\n    filenameroot: RECENT\n"
        "    interval: 1h\n    merged:\n        epoch: 1.2999999805e+09\n        into_interval: 6h\n"
        "    minmax:\n        max: 1.29999999e+09\n        min: 1.299999980e+09\n    protocol: 1\n"
        "recent:\n    - epoch: 1.29999999e+09\n      path: a\n      type: new\n"
        "    - epoch: 1.29999998e+09\n      path: b\n      type: new\n");
    set.add("c", 1300000000);
    const auto text = set.scratch.read("RECENT-1h.yaml");
    CHECK(text.find("e+") == std::string::npos);
    CHECK(set.meta("1h").dirtymark == "1299999950");
    CHECK(set.meta("1h").merged->epoch->text() == "1299999980.5");
  }

  TEST_CASE("a level without events that Go calls null is empty, and is written on") {
    Shared set;
    set.put("6h", {"1299990000 new b"});
    set.put("Z", {"1299990000 new b"});
    set.scratch.write("RECENT-1h.yaml",
                      "meta: {filenameroot: RECENT, interval: 1h, protocol: 1, aggregator: [6h, Z]}\n"
                      "recent: null\n");
    set.add("c", 1300000000);
    set.settle();
    CHECK(set.present() == Lines{"b", "c"});
  }

  TEST_CASE("a principal that was never cut is read whole, and cut by our aggregate") {
    Shared set;
    set.put("1h", {"1299999990 new a", "1299000000 new b", "1298000000 new c"}, "1299999990", "6h");
    set.put("6h", {"1299999990 new a", "1299000000 new b", "1298000000 new c"}, "1299000000", "Z");
    set.put("Z", {"1299000000 new b", "1298000000 new c"});
    CHECK(set.present() == Lines{"a", "b", "c"});
    set.settle();
    CHECK(set.level("1h").size() == 1);
    CHECK(set.present() == Lines{"a", "b", "c"});
  }

  TEST_CASE("a batch in random order is read by its epochs, and in order after our next event") {
    Shared set;
    set.scratch.write(
        "RECENT-1h.yaml",
        "meta: {filenameroot: RECENT, interval: 1h, protocol: 1, aggregator: [6h, Z]}\nrecent:\n"
        "  - {epoch: 1299999970, path: a, type: new}\n"
        "  - {epoch: 1299999990, path: b, type: new}\n"
        "  - {epoch: 1299999980, path: a, type: delete}\n"
        "  - {epoch: 1299999960, path: c, type: new}\n");
    CHECK(set.present() == Lines{"b", "c"});
    set.add("d", 1300000000);
    const LevelContent level = get(set.file("1h"));
    CHECK_FALSE(level.disordered);
    CHECK(set.present() == Lines{"b", "c", "d"});
    set.settle();
    CHECK(set.present() == Lines{"b", "c", "d"});
  }

  TEST_CASE("epochs that lost their last digits in one level make no second event of a path") {
    Shared set;
    set.put("1h", {"1299999990.12346 new a"}, "1299999990.12346", "6h");
    set.put("6h", {"1299999990.12345 new a"});
    set.settle();
    CHECK(set.level("6h").size() == 1);
    CHECK(set.present() == Lines{"a"});
  }

  TEST_CASE("paths outside the tree and keys that were dropped disturb no writer") {
    Shared set;
    set.put("1h", {"1299999990 new ../outside", "1299999980 new /etc/passwd", "1299999970 new a"});
    set.add("b", 1300000000);
    set.settle();
    CHECK(set.level("6h").size() == 4);
    set.scratch.write("RECENT-1h.yaml",
                      "meta: {interval: 1h, protocol: 1, aggregator: [6h, Z]}\nrecent:\n"
                      "  - {epoch: 1300000000.5, path: c, type: new}\n");
    set.settle();
    const Lines present = set.present();
    CHECK(std::ranges::count(present, "c") == 1);
    CHECK(std::ranges::count(present, "a") == 1);
  }
}
