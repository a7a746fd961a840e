#include "mirror/follow/poll_schedule.hpp"

#include <doctest/doctest.h>

using namespace recentd::mirror;
using recentd::Jitter;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST_SUITE("mirror::poll_schedule") {
  TEST_CASE("polls come once a period, later by a tenth at most, and spread over that tenth") {
    Jitter jitter(1);
    nanoseconds least = 1h, most = 0s;
    for (int i = 0; i < 1000; ++i) {
      const auto rest = rest_after_poll({20s, 1s}, 100s, 105s, jitter);
      least = std::min(least, rest);
      most = std::max(most, rest);
    }
    CHECK(least >= 15s);
    CHECK(least < 15200ms);
    CHECK(most > 16800ms);
    CHECK(most < 17s);
  }

  TEST_CASE("a poll that took longer than the period is followed by the next at once") {
    Jitter jitter(1);
    CHECK(rest_after_poll({20s, 1s}, 100s, 130s, jitter) == 0s);
  }

  TEST_CASE("no period makes polls come more often than the minimum") {
    Jitter jitter(1);
    CHECK(rest_after_poll({0s, 5s}, 100s, 101s, jitter) == 4s);
    CHECK(rest_after_poll({1s, 60s}, 100s, 100s, jitter) >= 60s);
  }
}
