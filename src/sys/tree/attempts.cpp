#include "sys/tree/attempts.hpp"

#include <cstdio>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fault.hpp"
#include "sys/fd.hpp"

namespace recentd::sys {

int try_make_directory(const std::string& path, unsigned mode) {
  if (const int failure = fault("mkdir", path)) return failure;
  return ::mkdir(path.c_str(), static_cast<mode_t>(mode)) == 0 ? 0 : errno;
}

int try_unlink(const std::string& path) {
  if (const int failure = fault("unlink", path)) return failure;
  return ::unlink(path.c_str()) == 0 ? 0 : errno;
}

int try_rmdir(const std::string& path) {
  if (const int failure = fault("rmdir", path)) return failure;
  return ::rmdir(path.c_str()) == 0 ? 0 : errno;
}

int try_rename_new(const std::string& from, const std::string& to) {
  if (const int failure = fault("rename", from)) return failure;
  return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
}

int try_touch(const std::string& path) {
  if (const int failure = fault("utimens", path)) return failure;
  return ::utimensat(AT_FDCWD, path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

int try_write_file(const std::string& path, std::string_view text) {
  if (const int failure = fault("open", path)) return failure;
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.valid()) return errno;
  if (const int failure = fault("write", path)) return failure;
  const ssize_t written = ::write(file.get(), text.data(), text.size());
  if (written < 0) return errno;
  // So little is written in part only where the disk is full.
  return static_cast<std::size_t>(written) == text.size() ? 0 : ENOSPC;
}

int try_change_names(const std::string& directory) {
  if (const int failure = fault("access", directory)) return failure;
  return ::access(directory.c_str(), W_OK | X_OK) == 0 ? 0 : errno;
}

std::size_t read_start(const std::string& path, std::span<char> to) {
  if (fault("open", path) != 0) return 0;
  // O_NONBLOCK: a FIFO in a file's place must not hang us.
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.valid() || fault("read", path) != 0) return 0;
  const ssize_t got = ::read(file.get(), to.data(), to.size());
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

}  // namespace recentd::sys
