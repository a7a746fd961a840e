#include "sys/path_table.hpp"

#include <deque>
#include <functional>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;
using namespace recentd::sys;

namespace {

using Numbers = PathTable<std::uint32_t>;

struct Wide {
  std::uint64_t number = 0, square = 0;
};

std::vector<std::string> listed(const PathSet& table) {
  std::vector<std::string> paths;
  table.for_each([&](const PathSet::Entry& entry) { paths.emplace_back(entry.path()); });
  return paths;
}

// A table under other keys than this process's, as another process has it.
std::vector<std::string> listed_under(const HashKeys& keys, const std::deque<std::string>& paths) {
  PathSet table(paths.size());
  for (const std::string& path : paths) table.insert(path, static_cast<PathSet::Hash>(path_hash(path, keys)));
  return listed(table);
}

}  // namespace

TEST_SUITE("sys::path_table") {
  TEST_CASE("each path is found with its own value, also after growing") {
    std::deque<std::string> paths;
    Numbers table(1);
    PathTable<Wide> wide;
    for (std::uint32_t i = 0; i < 5000; ++i) {
      const auto& path = paths.emplace_back("some/directory/" + std::to_string(i));
      CHECK(table.insert(path, Numbers::hash(path), i).second);
      CHECK(wide.insert(path, Numbers::hash(path), {i, std::uint64_t{i} * i}).second);
    }
    CHECK(table.size() == 5000);
    CHECK(wide.size() == 5000);
    for (std::uint32_t i = 0; i < 5000; ++i) {
      const std::string copy = paths[i];
      const auto* const found = table.find(copy);
      REQUIRE(found != nullptr);
      CHECK(found->value == i);
      CHECK(found->path() == copy);
      REQUIRE(wide.find(copy) != nullptr);
      CHECK(wide.find(copy)->value.square == std::uint64_t{i} * i);
    }
    CHECK(table.find("other") == nullptr);
    CHECK(wide.find("other") == nullptr);
    CHECK_FALSE(wide.contains("some/directory/5000"));
  }

  TEST_CASE("paths of one hash are told apart") {
    Numbers table(4);
    const std::string a = "a", b = "b", longer = "aa";
    table.insert(a, 7, 1);
    CHECK(table.find(b, 7) == nullptr);
    CHECK(table.insert(b, 7, 2).second);
    CHECK(table.insert(longer, 7, 3).second);
    CHECK(table.find(a, 7)->value == 1);
    CHECK(table.find(b, 7)->value == 2);
    CHECK(table.find(longer, 7)->value == 3);
  }

  TEST_CASE("a path that is there keeps its value") {
    Numbers table(4);
    const std::string path = "x", same = "x";
    table.insert(path, 1, 1);
    const auto [entry, fresh] = table.insert(same, 1, 2);
    CHECK_FALSE(fresh);
    CHECK(entry->value == 1);
  }

  TEST_CASE("a set knows what was noted, in however much room") {
    std::deque<std::string> paths;
    PathSet grown, expected;
    expected.expect(3000);
    for (int i = 0; i < 3000; ++i) {
      const auto& path = paths.emplace_back("a/" + std::to_string(i));
      CHECK(grown.insert(path));
      CHECK(expected.insert(path));
    }
    expected.expect(100000);  // too late
    for (const std::string& path : paths) {
      CHECK_FALSE(grown.insert(std::string(path)));
      CHECK(expected.contains(std::string(path)));
    }
    CHECK_FALSE(expected.contains("a/3000"));
    CHECK(std::set<std::string>(paths.begin(), paths.end()).size() == listed(grown).size());
  }

  TEST_CASE("it is the same in huge pages") {
    std::deque<std::string> paths;
    PathSet table;
    for (int i = 0; i < 200000; ++i) CHECK(table.insert(paths.emplace_back(std::to_string(i))));
    CHECK(table.size() == 200000);
    for (const std::string& path : paths) CHECK(table.contains(std::string(path)));
    CHECK_FALSE(table.contains("200000"));
  }

  // In one place, each name would be compared with all that came before it.
  TEST_CASE("names that collide under std::hash lie apart") {
    constexpr std::size_t k_places = 1024;
    std::deque<std::string> paths;
    for (std::size_t i = 0; paths.size() < 500; ++i) {
      std::string path = "a/path/" + std::to_string(i);
      if ((std::hash<std::string_view>{}(path) >> 7) % k_places == 0) paths.push_back(std::move(path));
    }
    std::set<std::size_t> places;
    for (const std::string& path : paths) places.insert(PathSet::hash(path) % k_places);
    // 500 random ones have about 396 places.
    CHECK(places.size() > 330);
  }

  TEST_CASE("under other keys everything lies elsewhere") {
    std::deque<std::string> paths;
    for (int i = 0; i < 200; ++i) paths.push_back("a/path/" + std::to_string(i));
    const HashKeys keys = HashKeys::random();
    CHECK(listed_under(keys, paths) == listed_under(keys, paths));
    CHECK(listed_under(keys, paths) != listed_under(HashKeys::random(), paths));
    PathSet own(paths.size());
    for (const std::string& path : paths) own.insert(path);
    CHECK(listed(own) != listed_under(keys, paths));
  }

  TEST_CASE("the empty path has its place") {
    Numbers table(4);
    CHECK(table.insert({}, Numbers::hash({}), 5).second);
    CHECK(table.find("")->value == 5);
    CHECK_FALSE(table.insert({}, Numbers::hash({}), 6).second);
  }

  TEST_CASE("a path of 128 KiB is refused where a value takes its length's place, by no set") {
    const std::string huge(std::size_t{128} << 10, 'x'), most(huge, 1);
    Numbers table(4);
    CHECK_THROWS_AS(table.insert(huge, 1, 1), Error);
    CHECK(table.insert(most, 1, 1).second);
    CHECK(table.find(most, 1)->path() == most);
    PathSet set;
    CHECK(set.insert(huge));
    CHECK_FALSE(set.insert(std::string(huge)));
    CHECK(set.insert(most));
  }
}
