#pragma once

#include <condition_variable>
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
  // What was read since the last call. Throws what reading threw.
  std::string take();

 private:
  void work() noexcept;
  bool wait() const;

  Source& source_;
  sys::Event filled_, ending_;
  std::mutex mutex_;
  std::condition_variable taken_;
  std::string buffer_;
  bool end_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace recentd::watch
