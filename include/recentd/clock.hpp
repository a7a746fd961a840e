#pragma once

#include <chrono>
#include <memory>

#include <recentd/epoch.hpp>
#include <recentd/stop.hpp>

namespace recentd {

// Where time comes from, and who may end the waiting. Handed to constructors, so that tests can simulate
// years, and so that a program can end one of several mirrors:
//
//   Stop stop;                              // outlives clock and mirror
//   const auto clock = system_clock(stop);  // outlives the mirror
//   Mirror mirror(options, *clock, observer);
//   std::thread thread([&] { mirror.run_loop(); });
//   stop.request();                         // from any thread; then join
//
// Whoever is given one keeps a reference, never a copy. One that several objects share has to be safe from
// all of their threads; those of system_clock() are.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock time; may jump. Fresh epochs are made of it, see recentfile(5), EPOCHS.
  [[nodiscard]] virtual TimePoint now() const = 0;
  // Time since an arbitrary start that never runs backwards; for time limits.
  [[nodiscard]] virtual std::chrono::nanoseconds steady() const = 0;
  // Waits, or returns early when stop() is requested. Zero and less return at once.
  virtual void sleep_for(std::chrono::nanoseconds duration) = 0;
  // The same, or returns early when that descriptor is readable, if the clock can look at it; -1 is none.
  virtual void wait_for(std::chrono::nanoseconds duration, [[maybe_unused]] int wake) { sleep_for(duration); }
  // The wish to end that whoever works by this clock obeys; by default the process's.
  [[nodiscard]] virtual const Stop& stop() const { return Stop::process(); }
};

// The machine's clock. Stateless, lives for the whole process, safe from any thread.
Clock& system_clock();
// The machine's clock for work that obeys a wish of its own, which must outlive the clock. The caller owns
// it.
std::unique_ptr<Clock> system_clock(const Stop& stop);

}  // namespace recentd
