#include "sys/wait.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <errno.h>
#include <poll.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"

namespace recentd::sys {

void wait_readable(std::initializer_list<int> fds, std::chrono::nanoseconds limit) {
  std::vector<pollfd> polled;
  for (const int fd : fds) polled.push_back({fd, POLLIN, 0});
  const auto rounded_up = std::chrono::ceil<std::chrono::milliseconds>(limit).count();
  const auto timeout = static_cast<int>(std::clamp<std::int64_t>(rounded_up, 0, 3'600'000));
  if (fault("poll", "") == 0) ::poll(polled.data(), polled.size(), timeout);
}

bool wait_unless(int end, int fd) {
  if (const int failure = fault("poll", "")) fail(Kind::io, "wait for", "a descriptor", failure);
  pollfd polled[] = {{end, POLLIN, 0}, {fd, POLLIN, 0}};
  while (::poll(polled, 2, -1) < 0)
    if (errno != EINTR) fail(Kind::io, "wait for", "a descriptor", errno);
  return polled[0].revents == 0;
}

}  // namespace recentd::sys
