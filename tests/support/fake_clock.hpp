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
    const double whole = std::floor(seconds_);
    return TimePoint(std::chrono::seconds(static_cast<std::int64_t>(whole)) +
                     std::chrono::nanoseconds(std::llround((seconds_ - whole) * 1e9)));
  }
  [[nodiscard]] std::chrono::nanoseconds steady() const override { return steady_; }
  void sleep_for(std::chrono::nanoseconds duration) override { steady_ += duration; }

 private:
  double seconds_;
  std::chrono::nanoseconds steady_{0};
};

}  // namespace recentd::test
