#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

struct Set {
  Set() { put({"10 new a"}, "1"); }
  void put(const Lines& events, const std::string& dirtymark) {
    LevelContent hour = content(events, dirtymark);
    hour.meta.aggregator = Lines{"Z"};
    // Another second each time: the follower goes by the file's facts.
    test::put(level_file(scratch.root, "1h"), hour, now += 1);
  }
  Scratch scratch;
  double now = 1000;
};

Lines shown(const NewsFollower::Look& look) {
  Lines out;
  for (const Event& event : look.events) out.push_back(event.epoch.text() + " " + event.path);
  return out;
}

}  // namespace

TEST_SUITE("tree::follow") {
  TEST_CASE("a look has what came since the one before, oldest first") {
    Set set;
    NewsFollower follower(set.scratch.root, {});
    CHECK(follower.look().events.empty());
    set.put({"30 delete c", "20 new b", "10 new a"}, "1");
    CHECK(shown(follower.look()) == Lines{"20 b", "30 c"});
    CHECK(follower.look().events.empty());
    set.put({"40 new b", "30 delete c", "10 new a"}, "1");
    CHECK(shown(follower.look()) == Lines{"40 b"});
  }

  TEST_CASE("what the filter hides is not shown later, either") {
    Set set;
    EventFilter filter;
    filter.skip_deletes = true;
    NewsFollower follower(set.scratch.root, filter);
    set.put({"30 delete c", "20 new b", "10 new a"}, "1");
    CHECK(shown(follower.look()) == Lines{"20 b"});
    set.put({"40 new d", "30 delete c", "20 new b", "10 new a"}, "1");
    CHECK(shown(follower.look()) == Lines{"40 d"});
  }

  TEST_CASE("events that left the principal meanwhile are found in the larger level") {
    Set set;
    NewsFollower follower(set.scratch.root, {});
    test::put(level_file(set.scratch.root, "Z"), content({"20 new b", "10 new a"}));
    set.put({"9000 new d"}, "1");
    CHECK(shown(follower.look()) == Lines{"20 b", "9000 d"});
  }

  TEST_CASE("a new dirtymark is told, and trouble with the file passes") {
    Set set;
    NewsFollower follower(set.scratch.root, {});
    set.put({"10 new a", "5 new old"}, "2");
    const auto look = follower.look();
    CHECK(look.rewritten);
    CHECK(look.events.empty());
    set.scratch.write("RECENT-1h.yaml", "meta: [");
    CHECK(follower.look().warnings.size() == 1);
    REQUIRE(::unlink((set.scratch.root + "/RECENT-1h.yaml").c_str()) == 0);
    CHECK(follower.look().warnings.size() == 1);
    set.put({"20 new b", "10 new a"}, "2");
    const auto after = follower.look();
    CHECK(shown(after) == Lines{"20 b"});
    CHECK_FALSE(after.rewritten);
    CHECK_THROWS_AS(NewsFollower(set.scratch.root + "/nowhere", {}), Error);
  }
}
