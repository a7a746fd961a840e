#include "recentfile/lock_directory.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <limits>

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "recentfile/names.hpp"
#include "sys/fault.hpp"
#include "sys/fd.hpp"
#include "sys/file/file_lock.hpp"
#include "sys/tree/dir.hpp"

namespace recentd {

namespace {

std::string process_file(const std::string& directory) {
  return directory + "/process";
}

[[noreturn]] void fail(const std::string& doing, const std::string& path, int errno_value) {
  throw Error(errno_value == ENOENT ? Kind::missing : Kind::io, cat("cannot ", doing, " ", escaped(path)),
              path, errno_value);
}

std::optional<int> parse_owner(std::string_view text) {
  const std::optional<std::uint64_t> pid = parse_unsigned(trimmed(text.substr(0, text.find('\n'))));
  if (!pid || *pid == 0 || *pid > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(*pid);
}

std::atomic<int> living_pid{0};

// In two lines the second one is the owner's.
std::optional<int> parse_process(std::string_view text) {
  const auto end = text.find('\n');
  if (end != std::string_view::npos && end + 1 < text.size()) return parse_owner(text.substr(end + 1));
  return parse_owner(text);
}

std::string process_text(int pid) {
  const int living = living_pid;
  return living > 0 && living != pid ? cat(living, "\n", pid, "\n") : cat(pid, "\n");
}

std::optional<int> read_owner(const std::string& directory) {
  const sys::Fd file(::open(process_file(directory).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.valid()) return std::nullopt;
  std::array<char, 32> buffer;
  const ssize_t n = ::read(file.get(), buffer.data(), buffer.size());
  if (n <= 0) return std::nullopt;
  return parse_process({buffer.data(), static_cast<std::size_t>(n)});
}

// Writes the process file and nothing else; false with errno set if that fails.
bool write_owner(const std::string& directory, int pid) {
  const std::string path = process_file(directory), text = process_text(pid);
  if ((errno = sys::fault("open", path)) != 0) return false;
  const sys::Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.valid()) return false;
  if ((errno = sys::fault("write", path)) != 0) return false;
  return ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

void remove_directory(const std::string& directory) {
  ::unlink(process_file(directory).c_str());
  ::rmdir(directory.c_str());
}

// 0 or errno; never replaces anything.
int move_directory(const std::string& from, const std::string& to) {
  if (const int failure = sys::fault("rename", from)) return failure;
  return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
}

bool means_taken(int errno_value) {
  return errno_value == EEXIST || errno_value == ENOTEMPTY;
}

// For file systems that cannot rename without replacing.
bool make_in_place(const std::string& directory, int pid) {
  if (const int failure = sys::fault("mkdir", directory)) fail("create", directory, failure);
  if (::mkdir(directory.c_str(), 0777) != 0) {
    if (errno == EEXIST) return false;
    fail("create", directory, errno);
  }
  if (write_owner(directory, pid)) return true;
  const int failure = errno;
  remove_directory(directory);
  fail("write", process_file(directory), failure);
}

bool same_inode(const sys::Fd& open_directory, const std::string& path) {
  struct stat by_fd {
  }, by_path{};
  return ::fstat(open_directory.get(), &by_fd) == 0 && ::lstat(path.c_str(), &by_path) == 0 &&
         by_fd.st_ino == by_path.st_ino && by_fd.st_dev == by_path.st_dev;
}

}  // namespace

void show_in_locks(int pid) noexcept {
  living_pid = pid;
}

std::optional<LockState> read_lock(const std::string& directory) {
  const auto facts = sys::lstat_path(directory);
  if (!facts) return std::nullopt;
  return LockState{read_owner(directory), facts->mtime_s, facts->inode};
}

bool make_lock(const std::string& directory, const std::string& spare, int pid) {
  // Cheaper than building one in vain each time while somebody else works.
  if (sys::lstat_path(directory)) return false;
  if (const int failure = sys::fault("mkdir", spare)) fail("create", spare, failure);
  if (::mkdir(spare.c_str(), 0777) != 0) fail("create", spare, errno);
  int failure = write_owner(spare, pid) ? 0 : errno;
  if (failure == 0) failure = move_directory(spare, directory);
  if (failure == 0) return true;
  remove_directory(spare);
  if (means_taken(failure)) return false;
  if (failure == EINVAL || failure == ENOSYS) return make_in_place(directory, pid);
  fail("create", directory, failure);
}

bool break_lock(const std::string& directory, const std::string& spare, const LockState& stale) {
  const sys::Fd open_directory(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!open_directory.valid()) return errno == ENOENT;
  // Whoever of us holds this may move this very directory away; the others find another one in its place.
  if (::flock(open_directory.get(), LOCK_EX | LOCK_NB) != 0) return false;
  if (!same_inode(open_directory, directory) || read_owner(directory) != stale.owner) return false;
  if (const int failure = move_directory(directory, spare)) {
    if (failure == ENOENT) return true;
    if (failure == EINVAL || failure == ENOSYS) {
      remove_directory(directory);
      return true;
    }
    fail("move away the dead lock", directory, failure);
  }
  if (read_owner(spare) != stale.owner) {
    if (move_directory(spare, directory) == 0) return false;
  }
  remove_directory(spare);
  return true;
}

std::optional<bool> reuse_lock(const std::string& directory, const std::string& spare) {
  if (sys::lstat_path(directory)) return false;
  // The directory's time says since when it is held.
  if (::utimensat(AT_FDCWD, spare.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
  const int failure = move_directory(spare, directory);
  if (failure == 0) return true;
  if (means_taken(failure)) return false;
  remove_directory(spare);
  return std::nullopt;
}

bool park_lock(const std::string& directory, const std::string& spare, int pid) {
  if (read_owner(directory) != pid) return false;
  if (::renameat2(AT_FDCWD, directory.c_str(), AT_FDCWD, spare.c_str(), RENAME_NOREPLACE) != 0) {
    remove_directory(directory);
  }
  return true;
}

void remove_spare(const std::string& spare) noexcept {
  remove_directory(spare);
}

void sweep_spares(const std::string& root, const std::string& filenameroot) {
  const std::string link = link_name(filenameroot) + ".", lock = link + "lock.";
  const auto entries = sys::Dir(root).list("");
  if (!entries) return;
  for (const auto& entry : *entries) {
    const bool is_lock = entry.name.compare(0, lock.size(), lock) == 0;
    if (!is_lock && entry.name.compare(0, link.size(), link) != 0) continue;
    const std::string_view tail = std::string_view(entry.name).substr(is_lock ? lock.size() : link.size());
    const std::optional<int> pid = parse_owner(tail.substr(0, tail.find('.')));
    if (!pid || sys::process_exists(*pid)) continue;
    const std::string path = root + "/" + entry.name;
    if (is_lock) remove_directory(path);
    if (entry.type == sys::FileType::symlink) sys::unlink_file(path);
  }
}

}  // namespace recentd
