#include "sys/hash_table.hpp"

#include <algorithm>
#include <map>
#include <random>

#include <doctest/doctest.h>

using recentd::sys::HashTable;

TEST_SUITE("sys::hash_table") {
  TEST_CASE("it holds what a map holds, after any series of operations") {
    HashTable table;
    std::map<std::uint64_t, std::uint64_t> expected;
    std::mt19937_64 random(42);
    for (int i = 0; i < 300000; ++i) {
      // Few low bits, so that many share a place; 0 and 1 among them.
      const auto hash = (random() % 50 << 40) | random() % 200;
      if (random() % 3 == 0) {
        table.erase(hash == 1 ? 2 : hash);
        expected.erase(hash == 1 ? 2 : hash);
      } else if (hash != 1) {
        table.insert(hash) = expected[hash] = random();
      }
      if (i % 1000 == 0) CHECK(table.size() == expected.size());
    }
    CHECK(table.size() == expected.size());
    for (std::uint64_t high = 0; high < 50; ++high) {
      for (std::uint64_t low = 0; low < 200; ++low) {
        const auto hash = high << 40 | low;
        if (hash == 1) continue;
        const auto at = expected.find(hash);
        const auto* const value = table.find(hash);
        REQUIRE((value != nullptr) == (at != expected.end()));
        if (value != nullptr) CHECK(*value == at->second);
      }
    }
  }

  TEST_CASE("it grows to a million") {
    HashTable table;
    std::mt19937_64 random(7);
    for (std::uint64_t i = 1; i <= 1000000; ++i) table.insert(random()) = i;
    CHECK(table.size() == 1000000);
    random.seed(7);
    std::uint64_t right = 0;
    for (std::uint64_t i = 1; i <= 1000000; ++i) {
      const auto* const value = table.find(random());
      right += value != nullptr && *value == i ? 1 : 0;
    }
    CHECK(right == 1000000);
  }

  TEST_CASE("it takes little more than its entries need, and gives back what it does not need any more") {
    HashTable table;
    std::mt19937_64 random(11);
    std::size_t most = 0;
    for (std::size_t n = 1; n <= 200000; ++n) {
      table.insert(random()) = n;
      if (n >= 20000 && n % 1000 == 0) most = std::max(most, table.capacity() * 10 / n);
    }
    CHECK(most <= 22);
    random.seed(11);
    for (int i = 0; i < 199000; ++i) table.erase(random());
    CHECK(table.size() == 1000);
    CHECK(table.capacity() < 8000);
    for (int i = 0; i < 1000; ++i) CHECK(table.find(random()) != nullptr);
  }
}
