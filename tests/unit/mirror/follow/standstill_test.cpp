#include "mirror/follow/standstill.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace std::chrono_literals;
using mirror::Standstill;

namespace {

TimePoint at(std::int64_t seconds) {
  return TimePoint(std::chrono::seconds(seconds));
}

constexpr std::int64_t k_day = 86400, k_now = 1'700'000'000;

Standstill::Look look(std::int64_t newest, std::int64_t written, std::int64_t now = k_now) {
  return {Epoch::from_time(at(newest)), at(written), at(now), std::chrono::seconds(now)};
}

}  // namespace

TEST_SUITE("mirror::follow::standstill") {
  TEST_CASE("it stands when neither event nor index is younger, and never without a limit") {
    const auto says = [](std::chrono::nanoseconds max_age, const Standstill::Look& seen) {
      return Standstill(max_age).look(seen).has_value();
    };
    CHECK(says(48h, look(k_now - 3 * k_day, k_now - 3 * k_day)));
    CHECK_FALSE(says(48h, look(k_now - k_day, k_now - 3 * k_day)));
    CHECK_FALSE(says(48h, look(k_now - 3 * k_day, k_now - k_day)));
    CHECK_FALSE(says(0h, look(1, 1)));
    // The future is no proof of life, and nothing at all no sign of death.
    CHECK(says(48h, look(k_now + 10 * k_day, k_now - 3 * k_day)));
    CHECK_FALSE(says(48h, look(k_now + 10 * k_day, k_now + 10 * k_day)));
    CHECK_FALSE(says(48h, Standstill::Look{.newest = {}, .written = {}, .now = at(k_now)}));
  }

  TEST_CASE("it is told at once, then ever less often, and when it is over") {
    Standstill alarm(48h);
    const auto old = k_now - 3 * k_day;
    int told = 0;
    for (std::int64_t s = 0; s < 2 * k_day; s += 60) {
      const auto word = alarm.look(look(old, old, k_now + s));
      if (word) CHECK(word->alarm);
      told += word ? 1 : 0;
      CHECK(alarm.alarmed());
    }
    CHECK(told >= 5);
    CHECK(told <= 10);
    const auto end = alarm.look(look(k_now, k_now, k_now + 2 * k_day - 60));
    REQUIRE(end);
    CHECK_FALSE(end->alarm);
    CHECK_FALSE(alarm.alarmed());
    CHECK_FALSE(alarm.look(look(k_now, k_now)));
    CHECK(alarm.look(look(old, old)));  // at once, the next time
  }
}
