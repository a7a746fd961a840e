#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "unit/tree/scene.hpp"

using namespace recentd;
using namespace recentd::test;

TEST_SUITE("tree::news") {
  TEST_CASE("news has the newest event of each path over all levels") {
    const Tree tree;
    CHECK(tree.news() == Lines{"90.5 new p0", "80.5 new p1", "70.5 delete p2", "60.5 new p3", "50.5 new p4",
                               "40.5 delete p5", "25 new z1", "5 new z2"});
    CHECK(tree.news({}, NewsMode::all).size() == 9);
  }

  TEST_CASE("news does not stop at an old event that was registered late") {
    Tree tree;
    LevelContent hour = content({"9000 new p0", "8000 new p1", "7 new late"});
    hour.meta.aggregator = Lines{"1d", "Z"};
    put(level_file(tree.scratch.root, "1h"), hour);
    CHECK(tree.news(after("40.5")) == Lines{"9000 new p0", "8000 new p1", "60.5 new p3", "50.5 new p4"});
    EventFilter filter;
    filter.max = 3;
    CHECK(tree.news(filter).back() == "60.5 new p3");
  }

  TEST_CASE("news keeps to exact bounds on all levels, the first included") {
    const Tree tree;
    CHECK(tree.news(before("60.5")).front() == "50.5 new p4");
    CHECK(tree.news(after("90.5")).empty());
    CHECK(tree.news(after("40.5")).back() == "50.5 new p4");
    EventFilter filter;
    filter.max = 6;
    CHECK(tree.news(filter).size() == 6);
    CHECK(tree.news(filter).back() == "40.5 delete p5");
  }

  TEST_CASE("news finds a path wherever it is, and hides what a newer event superseded") {
    const Tree tree;
    EventFilter filter;
    filter.contains.path = "z2";
    CHECK(tree.news(filter) == Lines{"5 new z2"});
    filter.contains.path = "p1";
    CHECK(tree.news(filter) == Lines{"80.5 new p1"});
    filter.before = epoch("80");
    CHECK(tree.news(filter).empty());
    CHECK(tree.news(filter, NewsMode::all) == Lines{"30.5 new p1"});
  }

  TEST_CASE("news reads no larger level than the question needs") {
    const Tree tree;
    tree.scratch.write("RECENT-Z.yaml", "]] broken");
    CHECK(tree.news(after("55")).size() == 4);
    EventFilter filter;
    filter.max = 2;
    CHECK(tree.news(filter).size() == 2);
    CHECK_THROWS_AS(tree.news(), Error);
  }

  TEST_CASE("levels that do not join are told, missing ones too") {
    const Tree tree;
    std::vector<std::string> warnings;
    news(tree.scratch.root, {}, NewsMode::newest_per_path, &warnings);
    CHECK(warnings.empty());
    // All that was merged is there: a file that changed again left the levels apart.
    put(level_file(tree.scratch.root, "Z"), content({"24 new z1"}));
    news(tree.scratch.root, {}, NewsMode::newest_per_path, &warnings);
    CHECK(warnings.empty());
    put(level_file(tree.scratch.root, "Z"), content({"19 new z1"}));
    news(tree.scratch.root, {}, NewsMode::newest_per_path, &warnings);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings.front().find("does not join") != std::string::npos);
    std::filesystem::remove(tree.scratch.root + "/RECENT-Z.yaml");
    news(tree.scratch.root, {}, NewsMode::newest_per_path, &warnings);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings.front().find("RECENT-Z.yaml is missing") != std::string::npos);
  }

  TEST_CASE("an empty tree has no news, with any bound") {
    const Scratch scratch;
    put(level_file(scratch.root, "1h"), content({}));
    CHECK(news(scratch.root, after("5")).empty());
    CHECK(overview(scratch.root) == "Ival Cnt Max Min Span Util Cloud\n");
  }
}
