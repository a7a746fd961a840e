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
}
