#include "sys/file_lock.hpp"

#include <algorithm>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

#include "sys/failure.hpp"
#include "sys/fault.hpp"

namespace recentd::sys {

namespace {

constexpr std::chrono::milliseconds k_pause(10);

Fd open_to_lock(const std::string& path) {
  int failure = fault("open", path);
  Fd fd;
  if (failure == 0) {
    fd = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!fd.valid() && errno == ENOENT) {
      fd = Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600));
    }
    if (!fd.valid()) failure = errno;
  }
  if (failure != 0) fail_missing_or_io("open", path, failure);
  return fd;
}

bool try_lock(const Fd& fd, const std::string& path) {
  if (const int failure = fault("flock", path)) fail(Kind::io, "lock", path, failure);
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) fail(Kind::io, "lock", path, errno);
  }
  return true;
}

// In containers whose first process does not reap, the dead keep their numbers for ever.
bool is_zombie(int pid) noexcept {
  char text[512];
  std::snprintf(text, sizeof text, "/proc/%d/stat", pid);
  const Fd fd(::open(text, O_RDONLY | O_CLOEXEC));
  const ssize_t length = fd.valid() ? ::read(fd.get(), text, sizeof text) : -1;
  if (length <= 0) return false;
  // PID (NAME) STATE ..., and NAME may hold anything.
  const std::string_view stat(text, static_cast<std::size_t>(length));
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= stat.size()) return false;
  const char state = stat[name_end + 2];
  return state == 'Z' || state == 'X';
}

}  // namespace

std::optional<FileLock> FileLock::try_acquire(const std::string& path) {
  Fd fd = open_to_lock(path);
  if (!try_lock(fd, path)) return std::nullopt;
  return FileLock(std::move(fd));
}

std::optional<FileLock> FileLock::acquire(const std::string& path, std::chrono::nanoseconds timeout,
                                          Clock& clock) {
  Fd fd = open_to_lock(path);
  const std::chrono::nanoseconds start = clock.steady();
  while (!try_lock(fd, path)) {
    const std::chrono::nanoseconds waited = clock.steady() - start;
    if (waited >= timeout || clock.stop().requested()) return std::nullopt;
    clock.sleep_for(std::min<std::chrono::nanoseconds>(k_pause, timeout - waited));
  }
  return FileLock(std::move(fd));
}

bool process_exists(int pid) noexcept {
  if (pid <= 0 || (::kill(pid, 0) != 0 && errno != EPERM)) return false;
  return !is_zombie(pid);
}

}  // namespace recentd::sys
