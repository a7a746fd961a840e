#pragma once

#include <atomic>
#include <chrono>

namespace recentd {

// The wish that some work should come to its end: at its next safe point, with sleeps and running children
// cut short. A worker finds its own through the clock it was given (Clock::stop(), which has an example);
// what it did by then is saved, and whoever starts it again goes on from there.
//
// Safe from any thread; request() from signal handlers, too.
class Stop {
 public:
  // One of its own, for work that ends apart from the process. Throws Error{io} without descriptors: it needs
  // one.
  Stop();
  // Nobody may be using it any more.
  ~Stop();
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;

  // The process's, which lives until the very end. The commands request it upon SIGINT and SIGTERM; a program
  // that embeds the library keeps its own signal handlers and calls request() there.
  static Stop& process();

  // Wakes whoever sleeps. Asking twice is asking once.
  void request() noexcept;
  // Takes the wish back; for tests.
  void clear() noexcept;
  // For the worker, who asks often. That it asked is a sign of life (see last_asked()).
  [[nodiscard]] bool requested() const noexcept;
  // For everybody else.
  [[nodiscard]] bool is_set() const noexcept { return set_.load(std::memory_order_relaxed); }
  // Readable while the wish stands (for poll). Owned by this object; not to be read from.
  [[nodiscard]] int fd() const noexcept { return fd_; }
  // When requested() was called last, in the machine's steady time; zero: never. One that is minutes old
  // tells of a worker that hangs.
  [[nodiscard]] std::chrono::nanoseconds last_asked() const noexcept;

 private:
  struct Lenient {};
  explicit Stop(Lenient) noexcept;

  std::atomic<bool> set_{false};
  mutable std::atomic<std::chrono::nanoseconds::rep> last_asked_ns_{0};
  int fd_ = -1;
};

}  // namespace recentd
