#include "recentfile/mark_table.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace recentd;

namespace {

std::string path(int i) {
  return "directory/file-" + std::to_string(i);
}

}  // namespace

TEST_SUITE("recentfile::mark_table") {
  TEST_CASE("what was put in is found, and nothing else, also after it grew") {
    constexpr int k_paths = 5000;
    const PathMarker marker;
    for (const std::size_t expected : {0, k_paths}) {
      MarkTable table(expected);
      for (int i = 0; i < k_paths; ++i)
        CHECK(table.insert(marker.mark(path(i)), static_cast<std::uint32_t>(i)).second);
      CHECK(table.size() == k_paths);
      for (int i = 0; i < k_paths; ++i) {
        REQUIRE(table.find(marker.mark(path(i))) != nullptr);
        CHECK(*table.find(marker.mark(path(i))) == static_cast<std::uint32_t>(i));
        CHECK(table.find(marker.mark(path(k_paths + i))) == nullptr);
      }
    }
  }

  TEST_CASE("the first number of a path stays, and may be changed") {
    const PathMarker marker;
    MarkTable table;
    CHECK(table.insert(marker.mark("a"), 1).second);
    const auto [number, fresh] = table.insert(marker.mark("a"), 2);
    CHECK_FALSE(fresh);
    CHECK(*number == 1);
    *number = 7;
    CHECK(*table.find(marker.mark("a")) == 7);
    CHECK(table.size() == 1);
  }

  TEST_CASE("marks that differ in one half alone are two") {
    MarkTable table;
    table.insert({5, 6}, 1);
    CHECK(table.find({5, 7}) == nullptr);
    CHECK(table.find({4, 6}) == nullptr);
  }

  TEST_CASE("each repeated path is told, and hardly another one") {
    constexpr int k_paths = 20000;
    const PathMarker marker;
    RepeatFilter filter(k_paths);
    int mistaken = 0;
    for (int i = 0; i < k_paths; ++i) mistaken += filter.note(marker.mark(path(i))) ? 1 : 0;
    CHECK(mistaken < k_paths / 100);
    for (int i = 0; i < k_paths; ++i) CHECK(filter.note(marker.mark(path(i))));
  }

  TEST_CASE("a filter that was made too small errs more often, never the other way") {
    const PathMarker marker;
    RepeatFilter filter(0);
    for (int i = 0; i < 1000; ++i) filter.note(marker.mark(path(i)));
    for (int i = 0; i < 1000; ++i) CHECK(filter.note(marker.mark(path(i))));
  }
}
