#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

Lines shown(const std::vector<Event>& events) {
  Lines out;
  for (const Event& event : events) {
    out.push_back(event.epoch.text() + " " + std::string(to_string(event.type)) + " " + event.path);
  }
  return out;
}

// The three levels of the reference's own example, with a gap nowhere.
struct Tree {
  Tree() {
    LevelContent hour =
        content({"90.5 new p0", "80.5 new p1", "70.5 delete p2", "60.5 new p3", "50.5 new p4"});
    hour.meta.aggregator = Lines{"1d", "Z"};
    hour.meta.merged = Merged{epoch("60.5"), "1d", "61"};
    put(level_file(scratch.root, "1h"), hour);
    LevelContent day = content({"60.5 new p3", "50.5 new p4", "40.5 delete p5", "30.5 new p1", "25 new z1"});
    day.meta.merged = Merged{epoch("20"), "Z", "61"};
    put(level_file(scratch.root, "1d"), day);
    put(level_file(scratch.root, "Z"), content({"25 new z1", "5 new z2"}));
    REQUIRE(::symlink("RECENT-1h.yaml", (scratch.root + "/RECENT.recent").c_str()) == 0);
  }
  [[nodiscard]] Lines events(const EventFilter& filter) const {
    return shown(recent_events(scratch.root + "/RECENT-1h.yaml", filter));
  }
  Scratch scratch;
};

EventFilter after(const std::string& text) {
  EventFilter filter;
  filter.after = epoch(text);
  return filter;
}

EventFilter before(const std::string& text) {
  EventFilter filter;
  filter.before = epoch(text);
  return filter;
}

}  // namespace

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
