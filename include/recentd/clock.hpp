#pragma once

#include <chrono>

#include <recentd/epoch.hpp>

namespace recentd {

// Where time comes from. Handed to constructors, so that tests can simulate years.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock time.
  [[nodiscard]] virtual TimePoint now() const = 0;
  // Time since an arbitrary start that never runs backwards; for time limits.
  [[nodiscard]] virtual std::chrono::nanoseconds steady() const = 0;
  // Waits, or returns early when the process was asked to stop.
  virtual void sleep_for(std::chrono::nanoseconds duration) = 0;
};

// The machine's clock. Stateless, lives for the whole process.
Clock& system_clock();

}  // namespace recentd
