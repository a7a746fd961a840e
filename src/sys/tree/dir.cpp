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
    parent_ = root.open(parent_of(path), O_PATH | O_DIRECTORY);
    if (!parent_.valid()) failure_ = errno;
  }
  // Why the directory cannot be had; 0 if it can.
  [[nodiscard]] int failure() const noexcept { return failure_; }
  [[nodiscard]] int fd() const noexcept { return in_root_ ? root_fd_ : parent_.get(); }
  [[nodiscard]] const char* name() const noexcept { return name_.c_str(); }
  [[nodiscard]] const std::string& full() const noexcept { return full_; }

 private:
  int root_fd_;
  bool in_root_;
  int failure_ = 0;
  std::string name_;
  std::string full_;
  Fd parent_;
};

// Runs work(place), which returns 0 or an errno, and does so again with directories opened whose modes kept
// us out. Returns the errno of what failed, be it the way there.
template <class Work>
int work_at(const Dir& root, std::string_view path, const Work& work) {
  const auto attempt = [&] {
    const Place place(root, path);
    return place.failure() != 0 ? place.failure() : work(place);
  };
  const int failure = attempt();
  if (failure != EACCES) return failure;
  const OpenedUp opened(root.fd(), parent_of(path));
  return opened.any() ? attempt() : failure;
}

std::string full_path(const Dir& root, std::string_view path) {
  return root.path() + "/" + std::string(path);
}

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
  const int failure =
      work_at(root, path, [](const Place& place) { return remove_name(place, "rmdir", AT_REMOVEDIR); });
  if (failure == 0) return Dir::Removal::removed;
  if (means_absent(failure)) return Dir::Removal::absent;
  // EBUSY: something is mounted there.
  if (failure == ENOTEMPTY || failure == EEXIST || failure == EBUSY) return Dir::Removal::not_empty;
  fail(Kind::io, "remove the directory", full_path(root, path), failure);
}

// mkdirat(); 0 or the errno.
int make_at(const Dir& root, std::string_view path, unsigned mode) {
  return work_at(root, path, [mode](const Place& place) {
    if (const int failure = fault("mkdir", place.full())) return failure;
    return ::mkdirat(place.fd(), place.name(), static_cast<mode_t>(mode)) == 0 ? 0 : errno;
  });
}

// Makes the directories above a path that are missing; false if something else has the name of one.
bool make_parents(const Dir& root, std::string_view path) {
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    const auto directory = path.substr(0, slash);
    const int failure = make_at(root, directory, 0755);
    if (means_absent(failure)) return false;
    if (failure != 0 && failure != EEXIST)
      fail(Kind::io, "make the directory", full_path(root, directory), failure);
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

// Behind a link there may be another one. `stopped`: the first one that is not followed.
Fd open_through(const Dir& root, LinkedDirectories* links, std::string_view relative, int flags,
                std::string* stopped = nullptr) {
  constexpr int k_links_max = 8;
  Fd base;
  std::string prefix;  // of what lies below `base`
  auto rest = relative;
  for (int i = 0; i < k_links_max; ++i) {
    const int from = base.valid() ? base.get() : root.fd();
    auto link = link_on_way(from, (flags & O_DIRECTORY) != 0 ? rest : parent_of(rest));
    if (!link) return open_beneath(from, rest, flags);
    rest.remove_prefix(std::min(link->path.size() + 1, rest.size()));
    link->path.insert(0, prefix);
    const auto real =
        links != nullptr ? links->follow(*link, root.path(), full_path(root, link->path)) : std::nullopt;
    if (!real) {
      if (stopped != nullptr && leads_out(link->path, link->text)) *stopped = link->path;
      break;
    }
    base = Fd(::open(real->c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!base.valid()) break;
    prefix = link->path + "/";
  }
  errno = ELOOP;
  return {};
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

Fd Dir::open(std::string_view relative, int flags) const {
  Fd fd = open_beneath(fd_.get(), relative, flags);
  if (fd.valid()) return fd;
  const int failure = errno;
  if (failure == EACCES) {
    const OpenedUp opened(fd_.get(), (flags & O_DIRECTORY) != 0 ? relative : parent_of(relative));
    if (opened.any()) fd = open_beneath(fd_.get(), relative, flags);
    // The modes that are given back tell nothing.
    if (!fd.valid()) errno = failure;
    return fd;
  }
  if (links_ && (failure == ELOOP || failure == ENOTDIR)) return open_linked(relative, flags);
  errno = failure;
  return fd;
}

Fd Dir::open_linked(std::string_view relative, int flags) const {
  return open_through(*this, links_.get(), relative, flags);
}

std::optional<std::string> Dir::link_in_the_way(std::string_view directory) const {
  if (directory.empty() || open(directory, O_PATH | O_DIRECTORY).valid()) return std::nullopt;
  if (errno != ELOOP && errno != ENOTDIR) return std::nullopt;
  std::string stopped;
  (void)open_through(*this, links_.get(), directory, O_PATH | O_DIRECTORY, &stopped);
  return stopped.empty() ? std::nullopt : std::optional(std::move(stopped));
}

std::optional<FileFacts> Dir::lstat(const RelPath& path) const {
  struct stat facts {};
  const int failure = work_at(*this, path.text(), [&facts](const Place& place) {
    if (const int fails = fault("lstat", place.full())) return fails;
    return ::fstatat(place.fd(), place.name(), &facts, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
  });
  if (failure == 0) return facts_of(facts);
  if (means_absent(failure)) return std::nullopt;
  fail(Kind::io, "look at", full_path(*this, path.text()), failure);
}

void CachedLstat::enter(std::string_view parent, std::string_view text) {
  opened_.close();
  link_.reset();
  parent_ = parent;
  parent_fd_ = parent.empty() ? Fd() : root_.open(parent, O_PATH | O_DIRECTORY);
  reachable_ = parent.empty() || parent_fd_.valid();
  const int failure = errno;
  if (!reachable_ && !means_absent(failure)) {
    parent_.clear();
    reachable_ = true;
    fail(Kind::io, "open the directory of", full_path(root_, text), failure);
  }
  if (!reachable_ && (failure == ELOOP || failure == ENOTDIR)) link_ = root_.link_in_the_way(parent);
}

std::optional<FileFacts> CachedLstat::lstat(const RelPath& path) {
  const std::string_view text = path.text(), parent = path.parent();
  if (parent != parent_) enter(parent, text);
  if (!reachable_) return std::nullopt;
  const char* const name = text.data() + (parent.empty() ? 0 : parent.size() + 1);
  struct stat facts {};
  const auto look = [&] {
    if (const int fails = fault("lstat", text)) return fails;
    const int directory = parent.empty() ? root_.fd() : parent_fd_.get();
    return ::fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
  };
  int failure = look();
  if (failure == EACCES && !opened_.any()) {
    opened_ = OpenedUp(root_.fd(), parent);
    if (opened_.any()) failure = look();
  }
  if (failure == 0) return facts_of(facts);
  if (means_absent(failure)) return std::nullopt;
  fail(Kind::io, "look at", full_path(root_, text), failure);
}

Dir::Removal Dir::unlink(const RelPath& path) const {
  bool directory = false;
  const int failure = work_at(*this, path.text(), [&directory](const Place& place) {
    const int fails = remove_name(place, "unlink", 0);
    // POSIX says EPERM for a directory, Linux EISDIR.
    directory = fails == EISDIR || (fails == EPERM && is_directory(place));
    return fails;
  });
  if (failure == 0) return Removal::removed;
  if (means_absent(failure)) return Removal::absent;
  if (directory) return Removal::is_directory;
  fail(Kind::io, "remove", full_path(*this, path.text()), failure);
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
  const int failure = make_at(*this, directory.text(), mode);
  if (failure == EEXIST) return false;
  if (failure != 0) fail(Kind::io, "make the directory", full_path(*this, directory.text()), failure);
  return true;
}

int Dir::try_set_mode(const RelPath& path, unsigned mode) const {
  return work_at(*this, path.text(), [mode](const Place& place) {
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
  });
}

Dir::Move Dir::move(const RelPath& path, const Dir& to, const RelPath& as) const {
  const int wrong =
      work_at(*this, path.text(), [](const Place& from) { return is_directory(from) ? EISDIR : 0; });
  if (wrong == EISDIR) return Move::is_directory;
  if (means_absent(wrong)) return Move::absent;
  if (wrong != 0) fail(Kind::io, "open the directory of", full_path(*this, path.text()), wrong);
  if (!make_parents(to, as.text())) return Move::unreachable;
  bool reached = false;
  const int failure = work_at(*this, path.text(), [&](const Place& from) {
    return work_at(to, as.text(), [&](const Place& there) {
      reached = true;
      return rename_without_replacing(from, there);
    });
  });
  if (failure == 0) return Move::moved;
  if (failure == EEXIST) return Move::exists;
  if (failure == ENAMETOOLONG || (!reached && means_absent(failure))) return Move::unreachable;
  if (failure == ENOENT || failure == ENOTDIR) return Move::absent;
  fail(Kind::io, "move to " + full_path(to, as.text()) + " the file", full_path(*this, path.text()), failure);
}

std::optional<Dir> Dir::below(const RelPath& directory) const {
  auto full = path_ + "/" + directory.text();
  Fd fd = open(directory.text(), O_RDONLY | O_DIRECTORY);
  if (fd.valid()) return Dir(std::move(full), std::move(fd));
  if (means_absent(errno)) return std::nullopt;
  fail(Kind::io, "open the directory", full, errno);
}

std::optional<std::vector<Dir::Entry>> Dir::list(std::string_view relative_directory) const {
  refuse_unclean(relative_directory);
  const std::string full = relative_directory.empty() ? path_ : path_ + "/" + std::string(relative_directory);
  int failure = fault("list", full);
  Fd fd = failure != 0 ? Fd() : open(relative_directory, O_RDONLY | O_DIRECTORY);
  if (!fd.valid() && failure == 0) failure = errno;
  if (means_absent(failure)) return std::nullopt;
  if (failure != 0) fail(Kind::io, "list", full, failure);
  auto entries = entries_of(std::move(fd), full);
  if (!links_) return entries;
  for (auto& [name, type] : entries) {
    if (type != FileType::symlink) continue;
    const auto path = relative_directory.empty() ? name : cat(relative_directory, "/", name);
    if (open(path, O_PATH | O_DIRECTORY).valid()) type = FileType::directory;
  }
  return entries;
}

}  // namespace recentd::sys
