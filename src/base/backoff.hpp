#pragma once

#include <chrono>
#include <cstdint>

namespace recentd {

// Deciding when something that failed is tried again. Pure: given times and a seed, no clock and no chance of
// its own.

// A stream of numbers in [0, 1), the same for the same seed.
class Jitter {
 public:
  explicit Jitter(std::uint64_t seed) : state_(seed) {}
  double next() noexcept;

 private:
  std::uint64_t state_;
};

// How long a failure keeps an upstream from being asked again.
struct RetryTimes {
  std::chrono::nanoseconds first = std::chrono::seconds(1);      // after one failure
  std::chrono::nanoseconds longest = std::chrono::seconds(300);  // never more, however many there were
};

// What failed: an upstream that is up and says no is asked less eagerly than one that cannot be reached.
enum class Trouble : std::uint8_t { unreachable, turned_away };

// The failures in a row of one upstream (or of one path) and the time until the next try, which doubles with
// each. Value type.
class Backoff {
 public:
  explicit Backoff(std::uint64_t failures = 0) : failures_(failures) {}
  // Notes a failure; returns how long to wait. Between three quarters and all of the doubled time, so that
  // many mirrors which lost one upstream do not come back together.
  std::chrono::nanoseconds failed(const RetryTimes& times, Trouble trouble, Jitter& jitter) noexcept;
  void succeeded() noexcept { failures_ = 0; }
  [[nodiscard]] std::uint64_t failures() const noexcept { return failures_; }

 private:
  std::uint64_t failures_ = 0;
};

}  // namespace recentd
