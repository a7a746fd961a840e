#include "delta/pack.hpp"

#include <doctest/doctest.h>

using namespace recentd::delta;

TEST_SUITE("delta::pack") {
  TEST_CASE("a delta of many rows is deflated, a small one stays as it is") {
    std::string rows = "recentd delta 1 0 4000\n+4000\n";
    for (int i = 0; i < 100; ++i) rows += "    path: authors/id/A/file-000000" + std::to_string(1000 + i);
    const auto file = packed(rows);
    CHECK(file.starts_with("recentd packed 1 " + std::to_string(rows.size()) + "\n"));
    CHECK(file.size() < rows.size() / 5);
    CHECK(unpacked(file, rows.size()) == rows);
    const std::string small = "recentd delta 1 10 9\n=9\n-1\n";
    CHECK(packed(small) == small);
    CHECK(unpacked(small, 100) == small);
  }

  TEST_CASE("one of more bytes than there may be is none, before memory is taken for it") {
    const std::string delta = "recentd delta 1 0 100000\n+100000\n" + std::string(100'000, 'x');
    const auto file = packed(delta);
    CHECK_FALSE(unpacked(file, delta.size() - 1));
    CHECK_FALSE(unpacked("recentd delta 1 10 9\n", 20));
    CHECK_FALSE(unpacked("recentd packed 1 999999999999999\n", 1 << 20));
  }

  TEST_CASE("one that is cut, or tells another size, is none") {
    const std::string delta = "recentd delta 1 0 1000\n+1000\n" + std::string(1000, 'x');
    const auto file = packed(delta);
    REQUIRE(file.size() < delta.size());
    for (std::size_t n = 18; n < file.size(); ++n) CHECK_FALSE(unpacked(file.substr(0, n), 1 << 20));
    auto other = file;
    other.replace(other.find("1029"), 4, "1028");
    CHECK_FALSE(unpacked(other, 1 << 20));
    CHECK_FALSE(unpacked(file + "x", 1 << 20));
    for (const char* title : {"recentd packed 1 \n", "recentd packed 1 01029\n", "recentd packed 1 -1\n"})
      CHECK_FALSE(unpacked(title, 1 << 20));
  }
}
