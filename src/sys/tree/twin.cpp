#include "sys/tree/twin.hpp"

#include <algorithm>
#include <memory>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/file/bytes.hpp"
#include "sys/file/file_facts.hpp"
#include "sys/tree/remove_tree.hpp"

namespace recentd::sys {
namespace {

constexpr mode_t k_twin_modes = 07777, k_hidden = 0700;

bool says_absent(int failure) noexcept {
  return failure == ENOENT || failure == ENOTDIR || failure == ELOOP || failure == ENAMETOOLONG;
}

Fd open_twin(const Dir& root, std::string_view directory) {
  Fd fd = root.open(directory, O_RDONLY | O_DIRECTORY);
  if (!fd.valid() && !says_absent(errno))
    fail(Kind::io, "open the directory", cat(root.path(), "/", directory), errno);
  return fd;
}

FileType type_in(int directory, const dirent& entry) noexcept {
  if (entry.d_type == DT_REG) return FileType::regular;
  if (entry.d_type == DT_LNK) return FileType::symlink;
  if (entry.d_type == DT_DIR) return FileType::directory;
  struct stat facts {};
  if (entry.d_type != DT_UNKNOWN || ::fstatat(directory, entry.d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0)
    return FileType::other;
  return facts_of(facts).type;
}

timespec mtime_of(const struct stat& facts) {
  return facts.st_mtim;
}

bool same_time(const timespec& a, const timespec& b) noexcept {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

TwinDirectory::TwinDirectory(Fd from, Fd to, std::string from_path, std::string to_path)
    : from_(std::move(from)),
      to_(std::move(to)),
      from_path_(std::move(from_path)),
      to_path_(std::move(to_path)) {
  struct stat one {
  }, other{};
  one_device_ =
      ::fstat(from_.get(), &one) == 0 && ::fstat(to_.get(), &other) == 0 && one.st_dev == other.st_dev;
}

std::optional<TwinDirectory> TwinDirectory::open(const Dir& from, const Dir& to, std::string_view directory) {
  Fd one = open_twin(from, directory);
  if (!one.valid()) return std::nullopt;
  Fd other = open_twin(to, directory);
  if (!other.valid()) return std::nullopt;
  const auto slash = directory.empty() ? "" : "/";
  return TwinDirectory(std::move(one), std::move(other), cat(from.path(), slash, directory),
                       cat(to.path(), slash, directory));
}

std::string TwinDirectory::full(Side side, const std::string& name) const {
  return cat(side == Side::from ? from_path_ : to_path_, "/", name);
}

std::vector<TwinDirectory::Entry> TwinDirectory::list(Side side) const {
  const auto& path = side == Side::from ? from_path_ : to_path_;
  int failure = fault("list", path);
  Fd own(failure != 0 ? -1 : ::openat(fd(side), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!own.valid()) fail(Kind::io, "list", path, failure != 0 ? failure : errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(own.get()), ::closedir);
  if (!stream) fail(Kind::io, "list", path, errno);
  own.release();
  std::vector<Entry> entries;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    entries.push_back({std::string(name), type_in(fd(side), *entry), entry->d_ino});
  }
  if (errno != 0) fail(Kind::io, "list", path, errno);
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

std::optional<FileFacts> TwinDirectory::look(Side side, const std::string& name) const {
  struct stat facts {};
  int failure = fault("lstat", full(side, name));
  if (failure == 0 && ::fstatat(fd(side), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) failure = errno;
  if (failure == 0) return facts_of(facts);
  if (says_absent(failure)) return std::nullopt;
  fail(Kind::io, "look at", full(side, name), failure);
}

std::optional<std::string> TwinDirectory::link_text(Side side, const std::string& name) const {
  std::string text(PATH_MAX, '\0');
  int failure = fault("readlink", full(side, name));
  const auto length = failure != 0 ? -1 : ::readlinkat(fd(side), name.c_str(), text.data(), text.size());
  if (length >= 0) {
    text.resize(static_cast<std::size_t>(length));
    return text;
  }
  if (failure == 0) failure = errno;
  if (failure == EINVAL || says_absent(failure)) return std::nullopt;
  fail(Kind::io, "read the link", full(side, name), failure);
}

bool TwinDirectory::same_content(const std::string& name) const {
  return sys::same_content(full(Side::from, name), full(Side::to, name));
}

void TwinDirectory::link(const std::string& name) const {
  int failure = fault("link", to_path_);
  if (failure == 0 && ::linkat(from_.get(), name.c_str(), to_.get(), name.c_str(), 0) != 0) failure = errno;
  if (failure == 0) return;
  // The kernel keeps users from linking what they do not own, and file systems bound the names of a file.
  if (failure == EPERM || failure == EMLINK) return clone(name, Clone::any);
  fail(Kind::io, cat("make the hard link ", full(Side::to, name), " of"), full(Side::from, name), failure);
}

void TwinDirectory::clone(const std::string& name, Clone how) const {
  const int failure = clone_file(from_.get(), name, to_.get(), name, how);
  if (failure != 0)
    fail(Kind::io,
         cat(how == Clone::shared ? "make the reflink " : "make the copy ", full(Side::to, name), " of"),
         full(Side::from, name), failure);
}

void TwinDirectory::copy_link(const std::string& name) const {
  struct stat facts {};
  const auto text = link_text(Side::from, name);
  if (!text || ::fstatat(from_.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) return;
  int failure = fault("symlink", full(Side::to, name));
  if (failure == 0 && ::symlinkat(text->c_str(), to_.get(), name.c_str()) != 0) failure = errno;
  if (failure != 0) fail(Kind::io, "make the link", full(Side::to, name), failure);
  const timespec times[2] = {{0, UTIME_OMIT}, mtime_of(facts)};
  ::utimensat(to_.get(), name.c_str(), times, AT_SYMLINK_NOFOLLOW);
}

void TwinDirectory::make_directory(const std::string& name) const {
  int failure = fault("mkdir", full(Side::to, name));
  if (failure == 0 && ::mkdirat(to_.get(), name.c_str(), k_hidden) != 0) failure = errno;
  if (failure != 0) fail(Kind::io, "make the directory", full(Side::to, name), failure);
}

void TwinDirectory::remove(const std::string& name) const {
  int failure = fault("unlink", full(Side::to, name));
  if (failure == 0 && ::unlinkat(to_.get(), name.c_str(), 0) != 0) failure = errno;
  if (failure == 0 || says_absent(failure)) return;
  // By the way that is open, whatever the names above it lead to by now.
  if (failure == EISDIR || failure == EPERM)
    return remove_whatever(cat("/proc/self/fd/", to_.get(), "/", name));
  fail(Kind::io, "remove", full(Side::to, name), failure);
}

void TwinDirectory::dress() const {
  struct stat wanted {
  }, now{};
  if (::fstat(from_.get(), &wanted) != 0 || ::fstat(to_.get(), &now) != 0)
    fail(Kind::io, "look at", to_path_, errno);
  int failure = 0;
  if ((wanted.st_mode & k_twin_modes) != (now.st_mode & k_twin_modes)) {
    failure = fault("chmod", to_path_);
    if (failure == 0 && ::fchmod(to_.get(), wanted.st_mode & k_twin_modes) != 0) failure = errno;
  }
  if (failure == 0 && !same_time(mtime_of(wanted), mtime_of(now))) {
    const timespec times[2] = {{0, UTIME_OMIT}, mtime_of(wanted)};
    failure = fault("utimens", to_path_);
    if (failure == 0 && ::futimens(to_.get(), times) != 0) failure = errno;
  }
  if (failure != 0) fail(Kind::io, "give mode and time to", to_path_, failure);
}

}  // namespace recentd::sys
