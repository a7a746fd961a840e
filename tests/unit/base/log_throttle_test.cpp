#include "base/log_throttle.hpp"

#include <doctest/doctest.h>

using recentd::Seldom;
using namespace std::chrono_literals;

TEST_SUITE("base::seldom") {
  TEST_CASE("what goes on is told with falling frequency, at least once a day") {
    Seldom seldom;
    int told = 0;
    std::chrono::nanoseconds last{0}, longest{0};
    for (std::chrono::nanoseconds now = 0s; now < 24h * 10; now += 1min) {
      if (!seldom.due(now)) continue;
      ++told;
      longest = std::max(longest, now - last);
      last = now;
    }
    // After 0, 10, 30, 70 ... minutes, then daily.
    CHECK(told == 17);
    CHECK(longest == 24h);
  }

  TEST_CASE("what is over, or twice as bad, is told at once") {
    Seldom seldom;
    CHECK(seldom.due(5s, 10));
    CHECK_FALSE(seldom.due(6s, 20));
    CHECK(seldom.due(6s, 22));
    CHECK_FALSE(seldom.due(7s, 22));
    seldom.over();
    CHECK(seldom.due(8s, 1));
    CHECK_FALSE(seldom.due(8s + 9min));
    CHECK(seldom.due(8s + 10min));
    CHECK_FALSE(seldom.due(8s + 29min));
  }
}
