#include "sys/file/leased_file.hpp"

#include <array>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fault.hpp"

namespace recentd::sys {

std::optional<LeasedFile> LeasedFile::take(const std::string& path) {
  if (fault("lease", path) != 0) return std::nullopt;
  Fd fd(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  // Word that somebody waits comes as a signal that means nothing to a process by itself.
  if (!fd.valid() || ::fcntl(fd.get(), F_SETSIG, SIGURG) != 0) return std::nullopt;
  if (::fcntl(fd.get(), F_SETLEASE, F_WRLCK) != 0) return std::nullopt;
  return LeasedFile(std::move(fd));
}

bool LeasedFile::is(const std::string& path, std::string_view text) const {
  struct stat own {
  }, there{};
  if (::fstat(fd_.get(), &own) != 0 || ::lstat(path.c_str(), &there) != 0) return false;
  if (own.st_ino != there.st_ino || own.st_dev != there.st_dev) return false;
  std::array<char, 64> buffer;
  const auto got = ::pread(fd_.get(), buffer.data(), buffer.size(), 0);
  return got >= 0 && std::string_view(buffer.data(), static_cast<std::size_t>(got)) == text;
}

void LeasedFile::take_back() noexcept {
  if (!fd_.valid()) return;
  // One that cannot be emptied is as it was without a lease.
  [[maybe_unused]] const int emptied = ::ftruncate(fd_.get(), 0);
  fd_ = Fd();
}

bool is_leased(const std::string& path) noexcept {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  return !fd.valid() && errno == EWOULDBLOCK;
}

}  // namespace recentd::sys
