#include "sys/fd.hpp"

#include <unistd.h>

namespace recentd::sys {

void Fd::reset() noexcept {
  // Linux frees the number even when close() says EINTR: never twice.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace recentd::sys
