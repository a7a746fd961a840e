#include "sys/tree/dir.hpp"

#include <cstdio>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "sys/failure.hpp"
#include "sys/fault.hpp"
#include "sys/file/file_facts.hpp"
#include "sys/tree/beneath.hpp"

namespace recentd::sys {

namespace {

// Reasons why nothing can be there under that name.
bool means_absent(int errno_value) noexcept {
  return errno_value == ENOENT || errno_value == ENOTDIR || errno_value == ELOOP ||
         errno_value == ENAMETOOLONG;
}

std::string_view parent_of(std::string_view path) noexcept {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

// The directory that holds a name below the root, and the name.
class Place {
 public:
  Place(const Dir& root, std::string_view path)
      : root_fd_(root.fd()), in_root_(path.find('/') == std::string_view::npos) {
    name_ = in_root_ ? std::string(path) : std::string(path.substr(path.rfind('/') + 1));
    full_ = root.path() + "/" + std::string(path);
    if (in_root_) return;
    parent_ = open_beneath(root_fd_, parent_of(path), O_PATH | O_DIRECTORY);
    if (parent_.valid()) return;
    if (!means_absent(errno)) fail(Kind::io, "open the directory of", full_, errno);
    reachable_ = false;
  }
  [[nodiscard]] bool reachable() const noexcept { return reachable_; }
  [[nodiscard]] int fd() const noexcept { return in_root_ ? root_fd_ : parent_.get(); }
  [[nodiscard]] const char* name() const noexcept { return name_.c_str(); }
  [[nodiscard]] const std::string& full() const noexcept { return full_; }

 private:
  int root_fd_;
  bool in_root_;
  bool reachable_ = true;
  std::string name_;
  std::string full_;
  Fd parent_;
};

// unlinkat(); 0 or the errno.
int remove_name(const Place& place, std::string_view operation, int flags) {
  if (const int failure = fault(operation, place.full())) return failure;
  return ::unlinkat(place.fd(), place.name(), flags) == 0 ? 0 : errno;
}

bool is_directory(const Place& place) noexcept {
  struct stat facts {};
  return ::fstatat(place.fd(), place.name(), &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(facts.st_mode);
}

Dir::Removal remove_directory(const Dir& root, std::string_view path) {
  const Place place(root, path);
  if (!place.reachable()) return Dir::Removal::absent;
  const int failure = remove_name(place, "rmdir", AT_REMOVEDIR);
  if (failure == 0) return Dir::Removal::removed;
  if (means_absent(failure)) return Dir::Removal::absent;
  // EBUSY: something is mounted there.
  if (failure == ENOTEMPTY || failure == EEXIST || failure == EBUSY) return Dir::Removal::not_empty;
  fail(Kind::io, "remove the directory", place.full(), failure);
}

// Makes the directories above a path that are missing; false if something else has the name of one.
bool make_parents(const Dir& root, std::string_view path) {
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    const Place place(root, path.substr(0, slash));
    if (!place.reachable()) return false;
    int failure = fault("mkdir", place.full());
    if (failure == 0 && ::mkdirat(place.fd(), place.name(), 0755) != 0) failure = errno;
    if (failure == ENAMETOOLONG) return false;
    if (failure != 0 && failure != EEXIST) fail(Kind::io, "make the directory", place.full(), failure);
  }
  return true;
}

// 0 or the errno; EEXIST if the new name is taken.
int rename_without_replacing(const Place& from, const Place& to) {
  if (const int failure = fault("rename", to.full())) return failure;
  if (::renameat2(from.fd(), from.name(), to.fd(), to.name(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // Some file systems cannot promise it; then it is looked at before.
  struct stat facts {};
  if (::fstatat(to.fd(), to.name(), &facts, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
  return ::renameat(from.fd(), from.name(), to.fd(), to.name()) == 0 ? 0 : errno;
}

FileType type_of(int dir_fd, const dirent& entry) noexcept {
  switch (entry.d_type) {
    case DT_REG:
      return FileType::regular;
    case DT_LNK:
      return FileType::symlink;
    case DT_DIR:
      return FileType::directory;
    case DT_UNKNOWN:
      break;
    default:
      return FileType::other;
  }
  struct stat facts {};
  if (::fstatat(dir_fd, entry.d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) return FileType::other;
  return facts_of(facts).type;
}

void refuse_unclean(std::string_view relative_directory) {
  static const Bookkeeping none;
  const RelPath::Flaw flaw = RelPath::check(relative_directory, none);
  using Flaw = RelPath::Flaw;
  if (flaw == Flaw::none || flaw == Flaw::bookkeeping || flaw == Flaw::empty) return;
  throw Error(Kind::refused, cat("will not list ", quoted(relative_directory), ": ", describe(flaw)));
}

using DirStream = std::unique_ptr<DIR, int (*)(DIR*)>;

std::vector<Dir::Entry> entries_of(Fd fd, const std::string& path) {
  DirStream stream(::fdopendir(fd.get()), ::closedir);
  if (!stream) fail(Kind::io, "list", path, errno);
  fd.release();
  std::vector<Dir::Entry> entries;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    entries.push_back({std::string(name), type_of(::dirfd(stream.get()), *entry)});
  }
  if (errno != 0) fail(Kind::io, "list", path, errno);
  return entries;
}

}  // namespace

Dir::Dir(const std::string& path) : path_(path) {
  int failure = fault("open", path);
  if (failure == 0) {
    fd_ = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd_.valid()) failure = errno;
  }
  if (failure != 0) fail_missing_or_io("open the directory", path, failure);
}

FileFacts Dir::facts() const {
  struct stat facts {};
  if (::fstat(fd_.get(), &facts) != 0) fail(Kind::io, "look at", path_, errno);
  return facts_of(facts);
}

std::optional<FileFacts> Dir::lstat(const RelPath& path) const {
  const Place place(*this, path.text());
  if (!place.reachable()) return std::nullopt;
  int failure = fault("lstat", place.full());
  struct stat facts {};
  if (failure == 0 && ::fstatat(place.fd(), place.name(), &facts, AT_SYMLINK_NOFOLLOW) != 0) failure = errno;
  if (failure == 0) return facts_of(facts);
  if (means_absent(failure)) return std::nullopt;
  fail(Kind::io, "look at", place.full(), failure);
}

std::optional<FileFacts> CachedLstat::lstat(const RelPath& path) {
  const std::string_view text = path.text(), parent = path.parent();
  if (parent != parent_) {
    parent_fd_ = parent.empty() ? Fd() : open_beneath(root_.fd(), parent, O_PATH | O_DIRECTORY);
    reachable_ = parent.empty() || parent_fd_.valid();
    const int failure = errno;
    parent_ = parent;
    if (!reachable_ && !means_absent(failure)) {
      parent_.clear();
      fail(Kind::io, "open the directory of", root_.path() + "/" + path.text(), failure);
    }
  }
  if (!reachable_) return std::nullopt;
  const char* const name = text.data() + (parent.empty() ? 0 : parent.size() + 1);
  struct stat facts {};
  int failure = fault("lstat", text);
  const int directory = parent.empty() ? root_.fd() : parent_fd_.get();
  if (failure == 0 && ::fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) failure = errno;
  if (failure == 0) return facts_of(facts);
  if (means_absent(failure)) return std::nullopt;
  fail(Kind::io, "look at", root_.path() + "/" + path.text(), failure);
}

Dir::Removal Dir::unlink(const RelPath& path) const {
  const Place place(*this, path.text());
  if (!place.reachable()) return Removal::absent;
  const int failure = remove_name(place, "unlink", 0);
  if (failure == 0) return Removal::removed;
  if (means_absent(failure)) return Removal::absent;
  // POSIX says EPERM for a directory, Linux EISDIR.
  if (failure == EISDIR || (failure == EPERM && is_directory(place))) return Removal::is_directory;
  fail(Kind::io, "remove", place.full(), failure);
}

Dir::Removal Dir::rmdir(const RelPath& path) const {
  return remove_directory(*this, path.text());
}

int Dir::remove_empty_parents(const RelPath& path) const {
  int removed = 0;
  for (std::string_view at = path.parent(); !at.empty(); at = parent_of(at)) {
    const Removal result = remove_directory(*this, at);
    if (result == Removal::not_empty) break;
    if (result == Removal::removed) ++removed;
  }
  return removed;
}

bool Dir::make_directory(const RelPath& directory, unsigned mode) const {
  const Place place(*this, directory.text());
  int failure = place.reachable() ? fault("mkdir", place.full()) : ENOTDIR;
  if (failure == 0 && ::mkdirat(place.fd(), place.name(), static_cast<mode_t>(mode)) != 0) failure = errno;
  if (failure == EEXIST) return false;
  if (failure != 0) fail(Kind::io, "make the directory", place.full(), failure);
  return true;
}

int Dir::try_set_mode(const RelPath& path, unsigned mode) const {
  const Place place(*this, path.text());
  if (!place.reachable()) return ENOENT;
  if (const int failure = fault("chmod", place.full())) return failure;
  // That fchmodat() leaves links alone takes a new kernel, or /proc.
  struct stat facts {};
  if (::fstatat(place.fd(), place.name(), &facts, AT_SYMLINK_NOFOLLOW) != 0) return errno;
  if (S_ISLNK(facts.st_mode)) return ELOOP;
  const auto change = [&](int flags) {
    return ::fchmodat(place.fd(), place.name(), static_cast<mode_t>(mode), flags) == 0 ? 0 : errno;
  };
  const int failure = change(AT_SYMLINK_NOFOLLOW);
  return failure == EOPNOTSUPP || failure == ENOSYS || failure == EINVAL ? change(0) : failure;
}

Dir::Move Dir::move(const RelPath& path, const Dir& to, const RelPath& as) const {
  const Place from(*this, path.text());
  if (!from.reachable()) return Move::absent;
  if (is_directory(from)) return Move::is_directory;
  if (!make_parents(to, as.text())) return Move::unreachable;
  const Place there(to, as.text());
  if (!there.reachable()) return Move::unreachable;
  const int failure = rename_without_replacing(from, there);
  if (failure == 0) return Move::moved;
  if (failure == EEXIST) return Move::exists;
  if (failure == ENAMETOOLONG) return Move::unreachable;
  if (failure == ENOENT || failure == ENOTDIR) return Move::absent;
  fail(Kind::io, "move to " + there.full() + " the file", from.full(), failure);
}

std::optional<Dir> Dir::below(const RelPath& directory) const {
  auto full = path_ + "/" + directory.text();
  Fd fd = open_beneath(fd_.get(), directory.text(), O_RDONLY | O_DIRECTORY);
  if (fd.valid()) return Dir(std::move(full), std::move(fd));
  if (means_absent(errno)) return std::nullopt;
  fail(Kind::io, "open the directory", full, errno);
}

std::optional<std::vector<Dir::Entry>> Dir::list(std::string_view relative_directory) const {
  refuse_unclean(relative_directory);
  const std::string full = relative_directory.empty() ? path_ : path_ + "/" + std::string(relative_directory);
  int failure = fault("list", full);
  Fd fd = failure != 0 ? Fd() : open_beneath(fd_.get(), relative_directory, O_RDONLY | O_DIRECTORY);
  if (!fd.valid() && failure == 0) failure = errno;
  if (means_absent(failure)) return std::nullopt;
  if (failure != 0) fail(Kind::io, "list", full, failure);
  return entries_of(std::move(fd), full);
}

}  // namespace recentd::sys
