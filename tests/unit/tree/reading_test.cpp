#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "unit/tree/scene.hpp"

using namespace recentd;
using namespace recentd::test;

TEST_SUITE("tree::reading") {
  TEST_CASE("after and before are both exclusive, and nothing is nothing") {
    const Tree tree;
    CHECK(tree.events(after("80.5")) == Lines{"90.5 new p0"});
    CHECK(tree.events(after("90.5")).empty());
    CHECK(tree.events(after("99")).empty());
    CHECK(tree.events(before("60.50")) == Lines{"50.5 new p4"});
    CHECK(tree.events(before("50.5")).empty());
    EventFilter window = after("60");
    window.before = epoch("80.5");
    CHECK(tree.events(window) == Lines{"70.5 delete p2", "60.5 new p3"});
  }

  TEST_CASE("deletes are skipped before max counts") {
    const Tree tree;
    EventFilter filter;
    filter.skip_deletes = true;
    filter.max = 3;
    CHECK(tree.events(filter) == Lines{"90.5 new p0", "80.5 new p1", "60.5 new p3"});
  }

  TEST_CASE("contains compares epochs by value, and all its keys have to match") {
    const Tree tree;
    EventFilter filter;
    filter.contains.epoch = epoch("70.50");
    CHECK(tree.events(filter) == Lines{"70.5 delete p2"});
    filter.contains.type = "new";
    CHECK(tree.events(filter).empty());
    filter.contains = {};
    filter.contains.path = "p3";
    CHECK(tree.events(filter) == Lines{"60.5 new p3"});
  }

  TEST_CASE("info tells the ends of the unfiltered level") {
    const Tree tree;
    EventsInfo info;
    recent_events(tree.scratch.root + "/RECENT.recent", after("99"), &info);
    CHECK(info.first->path == "p0");
    CHECK(info.last->path == "p4");
    EventsInfo none;
    put(level_file(tree.scratch.root, "6h"), content({}));
    CHECK(recent_events(tree.scratch.root + "/RECENT-6h.yaml", after("5"), &none).empty());
    CHECK_FALSE(none.first);
  }

  TEST_CASE("a missing level is an error") {
    const Tree tree;
    CHECK_THROWS_AS(recent_events(tree.scratch.root + "/RECENT-6h.yaml"), Error);
  }
}
