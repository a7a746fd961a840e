#include "base/count.hpp"

#include <doctest/doctest.h>

using namespace recentd;

TEST_SUITE("base::count") {
  TEST_CASE("one thing is no plural") {
    CHECK(counted(1, "finding") == "1 finding");
    CHECK(counted(0, "finding") == "0 findings");
    CHECK(counted(2, "finding") == "2 findings");
    CHECK(counted(UINT64_MAX, "file") == "18446744073709551615 files");
  }

  TEST_CASE("two or three digits and the unit that fits") {
    CHECK(size_text(0) == "0 B");
    CHECK(size_text(999) == "999 B");
    CHECK(size_text(1000) == "1.0 kB");
    CHECK(size_text(9'940) == "9.9 kB");
    CHECK(size_text(9'950) == "10 kB");
    CHECK(size_text(999'499) == "999 kB");
    CHECK(size_text(999'500) == "1.0 MB");
    CHECK(size_text(3'140'000) == "3.1 MB");
    CHECK(size_text(12'000'000'000) == "12 GB");
    CHECK(size_text(UINT64_MAX) == "18 EB");
  }

  TEST_CASE("thousands are told apart") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(1234567) == "1,234,567");
  }
}
