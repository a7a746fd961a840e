#pragma once

#include "sys/fd.hpp"

namespace recentd::sys {

// Something that happened, for one thread that waits in poll(). Safe from any thread; raise() from signal
// handlers, too.
class Event {
 public:
  // Throws Error{io} without descriptors.
  Event();

  void raise() const noexcept;
  // Forgets what was raised.
  void drain() const noexcept;
  // Readable from raise() to drain().
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  Fd fd_;
};

}  // namespace recentd::sys
