#include "settings/tree_config.hpp"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using namespace recentd::settings;
using Kind_ = TreeConfig::Kind;

namespace {

void set(TreeConfig& tree, const char* key, const std::string& value) {
  const auto* row = find_key(keys_of(tree.kind), key);
  REQUIRE_MESSAGE(row != nullptr, key);
  row->set(tree, key, value);
}

}  // namespace

TEST_SUITE("settings::tree_config") {
  TEST_CASE("a tree has each key once, and those that it needs") {
    for (const auto kind : {Kind_::mirror, Kind_::origin}) {
      std::set<std::string> keys;
      for (const auto& row : keys_of(kind)) CHECK_MESSAGE(keys.insert(row.key).second, row.key);
      for (const auto& needed : needed_keys(kind)) CHECK(keys.contains(needed));
    }
  }

  TEST_CASE("places are absolute paths: nobody knows a service's working directory") {
    TreeConfig mirror;
    for (const char* key : {"target", "source", "tempdir", "verboselog", "quarantine"})
      CHECK_THROWS_WITH_AS(set(mirror, key, "pub"), doctest::Contains("no absolute path"), Error);
    set(mirror, "target", "/srv/pub");
    CHECK(mirror.place() == "/srv/pub");
    TreeConfig origin;
    origin.kind = Kind_::origin;
    CHECK_THROWS_AS(set(origin, "root", "./pub"), Error);
    set(origin, "root", "/srv/own");
    CHECK(origin.place() == "/srv/own");
  }

  TEST_CASE("of several sources the first is followed first, and none counts twice however it is spelled") {
    TreeConfig mirror;
    set(mirror, "source", "host::m");
    set(mirror, "source", "other::m/RECENT.recent");
    CHECK(mirror.mirror.source == "host::m");
    CHECK(mirror.mirror.other_sources == std::vector<std::string>{"other::m/RECENT.recent"});
    for (const char* again : {"host::m/", "other::m", "other::m/RECENT-6h.yaml"})
      CHECK_THROWS_WITH_AS(set(mirror, "source", again), doctest::Contains("given twice"), Error);
  }

  TEST_CASE("a service goes on with a tree whose keys are the same") {
    TreeConfig tree;
    tree.name = "pub";
    tree.given = {{"target", {"/srv/pub"}}};
    auto other = tree;
    other.line = 7;
    CHECK(tree.same_work(other));
    other.given["ttl"] = {"5"};
    CHECK_FALSE(tree.same_work(other));
    other = tree;
    other.name = "other";
    CHECK_FALSE(tree.same_work(other));
  }
}
