#include "sys/file/clone_file.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <vector>

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/failure.hpp"
#include "sys/fault.hpp"

namespace recentd::sys {
namespace {

constexpr std::size_t k_clone_piece_bytes = std::size_t{256} << 10;
constexpr mode_t k_clone_modes = 07777;

// 0 or the errno.
int write_all(int to, const char* bytes, std::size_t count) {
  while (count > 0) {
    const auto put = ::write(to, bytes, count);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    bytes += put;
    count -= static_cast<std::size_t>(put);
  }
  return 0;
}

int read_and_write(int from, int to) {
  std::vector<char> piece(k_clone_piece_bytes);
  for (;;) {
    const auto got = ::read(from, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0 ? 0 : errno;
    if (const int failure = write_all(to, piece.data(), static_cast<std::size_t>(got))) return failure;
  }
}

int clone_content(int from, int to, Clone how) {
  if (::ioctl(to, FICLONE, from) == 0) return 0;
  return how == Clone::shared ? errno : read_and_write(from, to);
}

// The time last, so that what a crash leaves does not look whole.
int clone_facts(int to, const struct stat& facts) {
  struct stat made {};
  if (::fstat(to, &made) != 0) return errno;
  // Only root may give a file away; the others own what they read.
  if (made.st_uid != facts.st_uid || made.st_gid != facts.st_gid) {
    [[maybe_unused]] const int given = ::fchown(to, facts.st_uid, facts.st_gid);
  }
  if (::fchmod(to, facts.st_mode & k_clone_modes) != 0) return errno;
  const timespec times[2] = {facts.st_atim, facts.st_mtim};
  return ::futimens(to, times) == 0 ? 0 : errno;
}

// As rsync calls its unfinished files, so that whoever clears those away finds it.
std::string name_beside(const std::string& name) {
  static std::atomic<unsigned> next{static_cast<unsigned>(::getpid()) << 8U};
  constexpr std::size_t k_name_bytes_max = 246;
  constexpr unsigned k_ends = 1'000'000;
  std::array<char, 8> end{};
  std::snprintf(end.data(), end.size(), "%06u", next.fetch_add(1) % k_ends);
  const auto bare = std::string_view(name).substr(name.starts_with('.') ? 1 : 0);
  return cat(".", bare.substr(0, k_name_bytes_max), ".", std::string_view(end.data()));
}

// 0 or the errno.
int replace_by_clone(int directory, const std::string& name, const std::string& full) {
  auto beside = name_beside(name);
  int failure = clone_file(directory, name, directory, beside, Clone::any);
  for (int i = 0; failure == EEXIST && i < 8; ++i) {
    beside = name_beside(name);
    failure = clone_file(directory, name, directory, beside, Clone::any);
  }
  if (failure != 0) return failure;
  failure = fault("rename", full);
  if (failure == 0 && ::renameat(directory, beside.c_str(), directory, name.c_str()) != 0) failure = errno;
  if (failure != 0) ::unlinkat(directory, beside.c_str(), 0);
  return failure;
}

}  // namespace

int clone_file(int from_directory, const std::string& name, int to_directory, const std::string& as,
               Clone how) {
  if (const int failure = fault("clone", name)) return failure;
  const Fd from(::openat(from_directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat facts {};
  if (!from.valid() || ::fstat(from.get(), &facts) != 0) return errno;
  if (!S_ISREG(facts.st_mode)) return EINVAL;
  const Fd to(::openat(to_directory, as.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!to.valid()) return errno;
  int failure = clone_content(from.get(), to.get(), how);
  if (failure == 0) failure = clone_facts(to.get(), facts);
  if (failure != 0) ::unlinkat(to_directory, as.c_str(), 0);
  return failure;
}

bool make_single(const Dir& root, const RelPath& path) {
  const auto full = cat(root.path(), "/", path.text());
  const Fd directory = root.open(path.parent(), O_RDONLY | O_DIRECTORY);
  struct stat facts {};
  const std::string name(path.name());
  if (!directory.valid() || ::fstatat(directory.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0)
    return false;
  if (!S_ISREG(facts.st_mode) || facts.st_nlink < 2) return false;
  const int failure = replace_by_clone(directory.get(), name, full);
  if (failure != 0) fail(Kind::io, "copy, as it has several names,", full, failure);
  return true;
}

}  // namespace recentd::sys
