#include "sys/event.hpp"

#include <cstdint>

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sys/failure.hpp"

namespace recentd::sys {

Event::Event() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!fd_.valid()) fail(Kind::io, "create", "eventfd", errno);
}

void Event::raise() const noexcept {
  const int kept_errno = errno;
  const std::uint64_t one = 1;
  // A failure means that it is full, so it is readable already.
  if (::write(fd_.get(), &one, sizeof one) < 0) errno = kept_errno;
}

void Event::drain() const noexcept {
  std::uint64_t count = 0;
  if (::read(fd_.get(), &count, sizeof count) < 0) return;  // it was empty
}

}  // namespace recentd::sys
