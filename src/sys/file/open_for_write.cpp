#include "sys/file/open_for_write.hpp"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

namespace recentd::sys {

// The kernel grants a lease for reading only while nobody writes; it is given back at once.
std::optional<bool> is_open_for_write(const Dir& root, const RelPath& path) {
  const Fd file = root.open(path.text(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  if (!file.valid()) return std::nullopt;
  // The signal for somebody who comes in this very moment; unlike SIGIO it is harmless.
  ::fcntl(file.get(), F_SETSIG, SIGURG);
  if (::fcntl(file.get(), F_SETLEASE, F_RDLCK) == 0) {
    ::fcntl(file.get(), F_SETLEASE, F_UNLCK);
    return false;
  }
  return errno == EAGAIN ? std::optional(true) : std::nullopt;
}

}  // namespace recentd::sys
