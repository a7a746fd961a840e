#include "base/path_hash.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace recentd;

namespace {

constexpr std::size_t k_places = 1024;

// How many of these hashes want the fullest place of a table.
std::size_t fullest(const std::vector<std::uint64_t>& hashes) {
  std::vector<std::size_t> wanted(k_places);
  for (const std::uint64_t hash : hashes) ++wanted[hash % k_places];
  return *std::max_element(wanted.begin(), wanted.end());
}

std::vector<std::uint64_t> hashes_of(const std::vector<std::string>& paths, const HashKeys& keys) {
  std::vector<std::uint64_t> hashes;
  for (const std::string& path : paths) hashes.push_back(path_hash(path, keys));
  return hashes;
}

// Names that anybody can find: a table without keys would have them all in one place.
std::vector<std::string> prepared(std::size_t count) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; paths.size() < count; ++i) {
    std::string path = "authors/id/A/AB/ABC/Some-Module-" + std::to_string(i) + ".tar.gz";
    if ((std::hash<std::string_view>{}(path) >> 7) % k_places == 0) paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace

TEST_SUITE("base::path_hash") {
  TEST_CASE("every byte of a path counts, at all lengths") {
    for (std::size_t length = 1; length < 70; ++length) {
      const std::string path(length, 'x');
      for (std::size_t i = 0; i < length; ++i) {
        std::string other = path;
        other[i] = 'y';
        CHECK(path_hash(path) != path_hash(other));
      }
      CHECK(path_hash(path) != path_hash(path + "x"));
    }
    CHECK(path_hash("") != path_hash(std::string(1, '\0')));
    CHECK(path_hash("") == path_hash({}));
  }

  TEST_CASE("one path has one hash, wherever it stands") {
    const std::string text = "...a/path/of/some/length/that/is/no/multiple/of/sixteen";
    for (std::size_t from = 0; from < text.size(); ++from) {
      const std::string copy = text.substr(from);
      CHECK(path_hash(std::string_view(text).substr(from)) == path_hash(copy));
    }
  }

  TEST_CASE("names that collide under std::hash spread over the table") {
    const std::vector<std::string> paths = prepared(500);
    for (int i = 0; i < 20; ++i) CHECK(fullest(hashes_of(paths, HashKeys::random())) < 12);
  }

  TEST_CASE("names that differ by steps, at any of their bytes, spread over the table") {
    for (const std::size_t at : {0, 3, 4, 7, 8, 12, 15, 16, 20, 30}) {
      std::vector<std::string> paths;
      for (int i = 0; i < 500; ++i) {
        std::string path(33, 'x');
        path[at] = static_cast<char>('0' + i % 25);
        path[at + 1] = static_cast<char>('A' + i / 25);
        paths.push_back(path);
      }
      CHECK(fullest(hashes_of(paths, HashKeys::random())) < 12);
    }
  }

  TEST_CASE("under other keys, other names collide") {
    const HashKeys keys = HashKeys::random(), others = HashKeys::random();
    CHECK(keys.words != others.words);
    std::vector<std::string> paths;
    for (std::size_t i = 0; paths.size() < 500; ++i) {
      std::string path = "a/path/" + std::to_string(i);
      if (path_hash(path, keys) % k_places == 0) paths.push_back(std::move(path));
    }
    CHECK(fullest(hashes_of(paths, keys)) == 500);
    CHECK(fullest(hashes_of(paths, others)) < 12);
    CHECK(fullest(hashes_of(paths, HashKeys::random())) < 12);
  }

  // After a multiplication by 0 nothing would be left of what came before.
  TEST_CASE("no block that is known beforehand makes the bytes before it forgotten") {
    const auto ends_equal = [](std::uint64_t word) {
      const std::string block(reinterpret_cast<const char*>(&word), sizeof word);
      const auto path = [&](char first) { return std::string(16, first) + "12345678" + block + "the end"; };
      return path_hash(path('a')) == path_hash(path('b'));
    };
    for (const std::uint64_t word : {0x9e3779b97f4a7c15, 0xd1b54a32d192ed03, 0xa0761d6478bd642f}) {
      CHECK_FALSE(ends_equal(word));
      CHECK_FALSE(ends_equal(~word));
    }
    CHECK_FALSE(ends_equal(0));
    const HashKeys keys = HashKeys::random();
    CHECK(std::find(keys.words.begin(), keys.words.end(), 0) == keys.words.end());
  }
}
