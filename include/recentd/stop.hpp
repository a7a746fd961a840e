#pragma once

#include <atomic>
#include <chrono>

namespace recentd {

// The wish that some work should come to its end: at its next safe point, with sleeps and running children
// cut short. A worker finds its own through the clock it was given (Clock::stop()). Safe from any thread;
// request() from signal handlers, too.
class Stop {
 public:
  // One of its own, for work that ends apart from the process. Throws Error{io} without descriptors.
  Stop();
  ~Stop();
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;

  // The process's: requested by SIGINT and SIGTERM once sys::install_stop_handlers() was called.
  static Stop& process();

  void request() noexcept;
  // Takes the wish back; for tests.
  void clear() noexcept;
  // For the worker, who asks often. That it asked is a sign of life (see last_asked()).
  [[nodiscard]] bool requested() const noexcept;
  // For everybody else.
  [[nodiscard]] bool is_set() const noexcept { return set_.load(std::memory_order_relaxed); }
  // Readable while the wish stands (for poll).
  [[nodiscard]] int fd() const noexcept { return fd_; }
  // When requested() was called last, in the machine's steady time; zero: never.
  [[nodiscard]] std::chrono::nanoseconds last_asked() const noexcept;

 private:
  struct Lenient {};
  explicit Stop(Lenient) noexcept;

  std::atomic<bool> set_{false};
  mutable std::atomic<std::chrono::nanoseconds::rep> last_asked_ns_{0};
  int fd_ = -1;
};

}  // namespace recentd
