#include "sys/file/file_lock.hpp"

#include <algorithm>
#include <climits>
#include <fstream>
#include <sstream>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/text.hpp"
#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/tree/dir.hpp"

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

bool lock_now(const Fd& fd, const std::string& path) {
  if (const int failure = fault("flock", path)) fail(Kind::io, "lock", path, failure);
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) fail(Kind::io, "lock", path, errno);
  }
  return true;
}

// Descriptors of locks that some process above handed down.
constexpr const char* k_inherited = "RECENTD_LOCKS";

bool is_open_as(int fd, const std::string& path) {
  struct stat open {
  }, named{};
  return ::fstat(fd, &open) == 0 && ::stat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
         open.st_ino == named.st_ino;
}

// Another descriptor of the lock on path that was handed down, if there is one. The kernel has the last word:
// a number in the environment that stands for anything else locks nothing.
Fd inherited(const std::string& path) {
  const char* const list = ::getenv(k_inherited);
  for (const auto word : split(list == nullptr ? "" : list, ' ')) {
    const auto number = parse_unsigned(word);
    if (!number || *number > INT_MAX) continue;
    const int fd = static_cast<int>(*number);
    if (is_open_as(fd, path) && ::flock(fd, LOCK_EX | LOCK_NB) == 0)
      return Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  }
  return {};
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
  if (Fd ours = inherited(path); ours.valid()) return FileLock(std::move(ours));
  Fd fd = open_to_lock(path);
  if (!lock_now(fd, path)) return std::nullopt;
  return FileLock(std::move(fd));
}

std::optional<FileLock> FileLock::acquire(const std::string& path, std::chrono::nanoseconds timeout,
                                          Clock& clock) {
  if (Fd ours = inherited(path); ours.valid()) return FileLock(std::move(ours));
  Fd fd = open_to_lock(path);
  const std::chrono::nanoseconds start = clock.steady();
  while (!lock_now(fd, path)) {
    const std::chrono::nanoseconds waited = clock.steady() - start;
    if (waited >= timeout || clock.stop().requested()) return std::nullopt;
    clock.sleep_for(std::min<std::chrono::nanoseconds>(k_pause, timeout - waited));
  }
  return FileLock(std::move(fd));
}

FileLock FileLock::without(const std::string& path) {
  return FileLock(open_to_lock(path));
}

std::optional<FileLock> FileLock::seize_directory(const std::string& directory, bool& absent) {
  absent = false;
  int failure = fault("open", directory);
  Fd fd(failure != 0 ? -1 : ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) {
    absent = (failure != 0 ? failure : errno) == ENOENT;
    return std::nullopt;
  }
  if (fault("flock", directory) != 0 || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  const auto ours = facts_of_open(fd.get(), directory), named = lstat_path(directory);
  if (!ours || !named || ours->inode != named->inode || ours->device != named->device) return std::nullopt;
  return FileLock(std::move(fd));
}

void FileLock::hand_down() const {
  const char* const before = ::getenv(k_inherited);
  const std::string list = cat(before == nullptr ? "" : before, before == nullptr ? "" : " ", fd());
  if (::fcntl(fd(), F_SETFD, 0) != 0 || ::setenv(k_inherited, list.c_str(), 1) != 0)
    fail(Kind::io, "hand down", "the lock", errno);
}

int flock_holder(const std::string& path) {
  const auto facts = stat_path(path);
  if (!facts || fault("open", "/proc/locks") != 0) return 0;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, mode, access, file;
    int pid = 0;
    if (!(words >> number >> kind >> mode >> access >> pid >> file) || kind != "FLOCK") continue;
    const std::size_t colon = file.rfind(':');
    if (colon != std::string::npos && file.substr(colon + 1) == std::to_string(facts->inode)) return pid;
  }
  return 0;
}

bool process_exists(int pid) noexcept {
  if (pid <= 0 || (::kill(pid, 0) != 0 && errno != EPERM)) return false;
  return !is_zombie(pid);
}

}  // namespace recentd::sys
