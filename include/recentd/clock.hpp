#pragma once

#include <chrono>
#include <memory>

#include <recentd/epoch.hpp>
#include <recentd/stop.hpp>

namespace recentd {

// Where time comes from, and who may end the waiting. Handed to constructors, so that tests can simulate
// years.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock time.
  [[nodiscard]] virtual TimePoint now() const = 0;
  // Time since an arbitrary start that never runs backwards; for time limits.
  [[nodiscard]] virtual std::chrono::nanoseconds steady() const = 0;
  // Waits, or returns early when stop() is requested.
  virtual void sleep_for(std::chrono::nanoseconds duration) = 0;
  // The wish to end that whoever works by this clock obeys; by default the process's.
  [[nodiscard]] virtual const Stop& stop() const { return Stop::process(); }
};

// The machine's clock. Stateless, lives for the whole process, safe from any thread.
Clock& system_clock();
// The machine's clock for work that obeys a wish of its own, which must outlive the clock.
std::unique_ptr<Clock> system_clock(const Stop& stop);

}  // namespace recentd
