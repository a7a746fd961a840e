#pragma once

#include <chrono>
#include <initializer_list>

namespace recentd::sys {

// Waits until one of these descriptors is readable or `limit` (an hour at most) has passed. May return early,
// for a signal or for want of memory.
void wait_readable(std::initializer_list<int> fds, std::chrono::nanoseconds limit);

// Waits until one of two descriptors is readable: false if `end` is, whatever the other one. Throws
// Error{io}.
bool wait_unless(int end, int fd);

}  // namespace recentd::sys
