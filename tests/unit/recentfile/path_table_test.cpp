#include "recentfile/path_table.hpp"

#include <deque>
#include <string>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;

TEST_SUITE("recentfile::path_table") {
  TEST_CASE("each path is found with its own value, also after growing") {
    std::deque<std::string> paths;
    PathTable table(1);
    for (std::uint32_t i = 0; i < 5000; ++i) {
      paths.push_back("some/directory/" + std::to_string(i));
      CHECK(table.insert(PathTable::hash(paths.back()), paths.back(), i).second);
    }
    CHECK(table.size() == 5000);
    for (std::uint32_t i = 0; i < 5000; ++i) {
      const std::uint32_t* found = table.find(PathTable::hash(paths[i]), paths[i]);
      REQUIRE(found != nullptr);
      CHECK(*found == i);
    }
    CHECK(table.find(PathTable::hash("other"), "other") == nullptr);
  }

  TEST_CASE("paths of one hash are told apart") {
    PathTable table(4);
    const std::string a = "a", b = "b", longer = "aa";
    table.insert(7, a, 1);
    CHECK(table.find(7, b) == nullptr);
    CHECK(table.insert(7, b, 2).second);
    CHECK(table.insert(7, longer, 3).second);
    CHECK(*table.find(7, a) == 1);
    CHECK(*table.find(7, b) == 2);
    CHECK(*table.find(7, longer) == 3);
  }

  TEST_CASE("a path that is there keeps its value") {
    PathTable table(4);
    const std::string path = "x", same = "x";
    table.insert(1, path, 1);
    const auto [value, fresh] = table.insert(1, same, 2);
    CHECK_FALSE(fresh);
    CHECK(*value == 1);
  }

  TEST_CASE("every byte of a path counts for its hash, at all lengths") {
    for (std::size_t length = 1; length < 70; ++length) {
      const std::string path(length, 'x');
      for (std::size_t i = 0; i < length; ++i) {
        std::string other = path;
        other[i] = 'y';
        CHECK(PathTable::hash(path) != PathTable::hash(other));
      }
      CHECK(PathTable::hash(path) != PathTable::hash(path + "x"));
    }
    CHECK(PathTable::hash("") != PathTable::hash(std::string(1, '\0')));
  }

  TEST_CASE("the empty path has its place, one of 128 KiB is refused") {
    PathTable table(4);
    CHECK(table.insert(PathTable::hash({}), {}, 5).second);
    CHECK(*table.find(PathTable::hash(""), "") == 5);
    const std::string huge(std::size_t{128} << 10, 'x');
    CHECK_THROWS_AS(table.insert(1, huge, 1), Error);
  }
}
