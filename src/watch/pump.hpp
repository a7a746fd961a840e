#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

#include "sys/event.hpp"
#include "watch/source.hpp"

namespace recentd::watch {

// Empties a source's queue into memory, in a thread of its own, so that the kernel does not lose count while
// the watcher writes an index. What waits is bounded; beyond that the kernel's queue has to do.
class Pump {
 public:
  // Throws Error{io} without threads or descriptors.
  explicit Pump(Source& source);
  ~Pump();
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  // Readable when take() has something.
  [[nodiscard]] int fd() const noexcept { return filled_.fd(); }
  // The oldest piece of what was read and not taken; empty if there is none. Throws what reading threw.
  std::string take();
  // Whether all that was read is taken, and nothing had to wait in the kernel's queue.
  [[nodiscard]] bool is_empty() const;

 private:
  void work() noexcept;
  bool wait() const;
  void put(const std::string& raw);

  Source& source_;
  sys::Event filled_, ending_;
  mutable std::mutex mutex_;
  std::condition_variable taken_;
  std::deque<std::string> pieces_;
  std::size_t bytes_ = 0;  // of all pieces
  bool blocked_ = false;   // there is no room for what was read last
  bool end_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace recentd::watch
