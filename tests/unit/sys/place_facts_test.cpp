#include "sys/place_facts.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::sys;
using Paths = std::vector<std::string>;

TEST_SUITE("sys::place_facts") {
  TEST_CASE("a place is known by its real path, and may be missing yet") {
    const recentd::test::TempTree tree;
    tree.make_directory("real");
    tree.make_link("link", "real");
    CHECK(place_facts(tree.path("link/")).path == tree.path("real"));
    CHECK(place_facts(tree.path("link/new")).path == tree.path("real/new"));
    CHECK(place_facts(tree.path("link/../real")).path == tree.path("real"));
    const auto missing = place_facts(tree.path("link/new"));
    CHECK(missing.empty);
    CHECK_FALSE(missing.known);
  }

  TEST_CASE("lost+found alone is nothing") {
    const recentd::test::TempTree tree;
    tree.make_directory("disk/lost+found");
    CHECK(place_facts(tree.path("disk")).empty);
    tree.write("disk/file", "x");
    CHECK_FALSE(place_facts(tree.path("disk")).empty);
  }

  TEST_CASE("a tree is known by its private directory or its index, under whatever name") {
    const recentd::test::TempTree tree;
    for (const char* name : {"a/.recentd/state", "b/RECENT.recent", "c/OTHER.recent"}) tree.write(name, "x");
    tree.make_directory("d/not.recent");
    for (const char* name : {"a", "b", "c"}) CHECK(place_facts(tree.path(name)).known);
    CHECK_FALSE(place_facts(tree.path("d")).known);
    tree.write("e/.recentd-quarantine", "x");
    CHECK(place_facts(tree.path("e")).quarantine);
  }

  TEST_CASE("trees below are found three directories deep, and not through links") {
    const recentd::test::TempTree tree;
    tree.write("top/a/.recentd/state", "x");
    tree.write("top/b/c/RECENT.recent", "x");
    tree.write("top/b/c/inner/RECENT.recent", "x");
    tree.write("top/d/e/f/OTHER.recent", "x");
    tree.write("top/d/e/f/g/RECENT.recent", "x");
    tree.write("top/.recentd/index/RECENT.recent", "x");
    tree.write("elsewhere/RECENT.recent", "x");
    tree.make_link("top/link", "../elsewhere");
    CHECK(trees_below(tree.path("top")) ==
          Paths{tree.path("top/a"), tree.path("top/b/c"), tree.path("top/d/e/f")});
    CHECK(trees_below(tree.path("none")).empty());
  }

  TEST_CASE("only so many names are looked at") {
    const recentd::test::TempTree tree;
    for (int i = 0; i < 50; ++i) tree.write("top/" + std::to_string(i), "x");
    tree.write("top/d/RECENT.recent", "x");
    CHECK(trees_below(tree.path("top"), 10).empty());
    CHECK(trees_below(tree.path("top"), 100).size() == 1);
  }

  TEST_CASE("the next tree above is told") {
    const recentd::test::TempTree tree;
    tree.write("outer/.recentd/state", "x");
    tree.make_directory("outer/a/b");
    CHECK(place_facts(tree.path("outer/a/b")).outer == tree.path("outer"));
    tree.write("outer/a/RECENT.recent", "x");
    CHECK(place_facts(tree.path("outer/a/b/new")).outer == tree.path("outer/a"));
    CHECK_FALSE(place_facts(tree.path("outer")).outer);
  }

  TEST_CASE("the accounts of this machine are told") {
    CHECK_FALSE(place_facts("/").accounts.empty());
    CHECK_FALSE(place_facts("/").empty);
  }
}
