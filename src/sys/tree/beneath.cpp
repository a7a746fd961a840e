#include "sys/tree/beneath.hpp"

#include <atomic>
#include <string>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace recentd::sys {

namespace {

std::atomic<Walk> g_walk{Walk::kernel};

constexpr int k_attempts = 100;

// -1 and errno on failure. EAGAIN: a rename somewhere in the system kept the kernel from being sure.
int kernel_open(int root_fd, const std::string& relative, int flags) noexcept {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC | O_NOFOLLOW);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  long fd = -1;
  for (int i = 0; i < k_attempts; ++i) {
    fd = ::syscall(SYS_openat2, root_fd, relative.c_str(), &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  return static_cast<int>(fd);
}

Fd component_open(int root_fd, const std::string& relative, int flags) {
  Fd at;
  std::size_t start = 0;
  for (;;) {
    const std::size_t slash = relative.find('/', start);
    const std::string component = relative.substr(start, slash - start);
    if (component == ".." || relative.starts_with('/')) {
      errno = EXDEV;
      return Fd();
    }
    const bool last = slash == std::string::npos;
    const int how = last ? flags : O_PATH | O_DIRECTORY;
    const int from = at.valid() ? at.get() : root_fd;
    at = Fd(::openat(from, component.c_str(), how | O_CLOEXEC | O_NOFOLLOW));
    if (!at.valid() || last) return at;
    start = slash + 1;
  }
}

// Old kernels have no openat2, and some sandboxes answer EPERM to system calls that they do not know.
bool lacks_openat2(int errno_value) noexcept {
  return errno_value == ENOSYS || errno_value == EPERM;
}

}  // namespace

Fd open_beneath(int root_fd, std::string_view relative, int flags) {
  const std::string path(relative.empty() ? "." : relative);
  if (g_walk.load(std::memory_order_relaxed) == Walk::kernel) {
    const int fd = kernel_open(root_fd, path, flags);
    if (fd >= 0) return Fd(fd);
    if (errno != EAGAIN && !lacks_openat2(errno)) return Fd();
    if (errno != EAGAIN) set_walk(Walk::components);
  }
  return component_open(root_fd, path, flags);
}

void set_walk(Walk walk) noexcept {
  g_walk.store(walk, std::memory_order_relaxed);
}

}  // namespace recentd::sys
