#pragma once

#include <cmath>

#include <recentd/clock.hpp>

namespace recentd::test {

// A clock that stands still until it is set; waiting moves steady() alone, so that time limits end.
class FakeClock : public Clock {
 public:
  explicit FakeClock(double seconds = 0) : seconds_(seconds) {}

  // Seconds since 1970, a binary double as the vectors have it.
  void set(double seconds) noexcept { seconds_ = seconds; }
  [[nodiscard]] double seconds() const noexcept { return seconds_; }

  [[nodiscard]] TimePoint now() const override {
    const double whole = std::floor(seconds_), exact = (seconds_ - whole) * 1e9;
    std::int64_t ns = std::llround(exact);
    // Half a tick is only told from what lies beside it by digits that nanoseconds have not.
    if (ns % 10'000 == 5'000 && exact != static_cast<double>(ns))
      ns += exact > static_cast<double>(ns) ? 1 : -1;
    return TimePoint(std::chrono::seconds(static_cast<std::int64_t>(whole)) + std::chrono::nanoseconds(ns));
  }
  [[nodiscard]] std::chrono::nanoseconds steady() const override { return steady_; }
  void sleep_for(std::chrono::nanoseconds duration) override { steady_ += duration; }

 private:
  double seconds_;
  std::chrono::nanoseconds steady_{0};
};

}  // namespace recentd::test
