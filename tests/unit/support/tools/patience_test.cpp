#include "support/tools/patience.hpp"

#include <thread>

#include <doctest/doctest.h>

using namespace recentd::test;
using namespace std::chrono_literals;

TEST_SUITE("support::patience") {
  TEST_CASE("on a machine with room all time is ours, on a busy one a share of it") {
    CHECK(share_of_time("0.10 0.20 0.30 1/90 123", 2) == 1.0);
    CHECK(share_of_time("1.90 0.20 0.30 2/90 123", 2) == 1.0);
    CHECK(share_of_time("10.00 0.20 0.30 1/90 123", 2) == doctest::Approx(0.2));
    CHECK(share_of_time("0.10 0.20 0.30 8/90 123", 2) == doctest::Approx(0.25));
    CHECK(share_of_time("900 900 900 900/900 1", 2) == doctest::Approx(0.05));
    CHECK(share_of_time("", 2) == 1.0);
    CHECK(share_of_time("nonsense", 0) == 1.0);
  }

  TEST_CASE("a limit is over when its time has passed, and never before") {
    Patience none(0ms), some(20ms), hour(1h);
    CHECK(none.over());
    CHECK_FALSE(some.over());
    std::this_thread::sleep_for(20ms * 20);  // enough with the least share
    CHECK(some.over());
    CHECK_FALSE(hour.over());
  }
}
