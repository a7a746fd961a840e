#include "sys/tree/bulk_rename.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sys/fault.hpp"

namespace recentd::sys {
namespace {

constexpr mode_t k_permissions = 07777;

bool hands_down(const Fd& directory) {
  struct stat facts {};
  if (::fstat(directory.get(), &facts) != 0 || (facts.st_mode & S_ISGID) != 0) return true;
  return ::fgetxattr(directory.get(), "system.posix_acl_default", nullptr, 0) > 0;
}

std::uint64_t device_of(const Fd& directory) {
  struct stat facts {};
  return ::fstat(directory.get(), &facts) == 0 ? facts.st_dev : 0;
}

const char* name_of(const RelPath& path) {
  return path.text().c_str() + (path.text().size() - path.name().size());
}

}  // namespace

bool takes_files_from_elsewhere(const Dir& elsewhere, const Fd& directory) {
  return !hands_down(directory) && device_of(directory) == elsewhere.facts().device;
}

bool takes_files_from_elsewhere(const Dir& root, std::string_view directory) {
  for (;;) {
    const Fd fd = root.open(directory, O_RDONLY | O_DIRECTORY);
    if (fd.valid()) return takes_files_from_elsewhere(root, fd);
    if (errno != ENOENT || directory.empty()) return false;
    const auto slash = directory.rfind('/');
    directory = slash == std::string_view::npos ? std::string_view() : directory.substr(0, slash);
  }
}

bool BulkRename::make_directories(std::string_view directory) const {
  for (auto end = directory.find('/');; end = directory.find('/', end + 1)) {
    const auto path = directory.substr(0, end);
    const auto slash = path.rfind('/');
    const bool top = slash == std::string_view::npos;
    const Fd like = from_.open(path, O_PATH | O_DIRECTORY);
    const Fd holder = to_.open(top ? std::string_view() : path.substr(0, slash), O_PATH | O_DIRECTORY);
    const std::string name(top ? path : path.substr(slash + 1));
    struct stat facts {};
    if (!like.valid() || !holder.valid() || ::fstat(like.get(), &facts) != 0) return false;
    if (fault("mkdir", path) != 0) return false;
    if (::mkdirat(holder.get(), name.c_str(), facts.st_mode & k_permissions) != 0 && errno != EEXIST)
      return false;
    if (end == std::string_view::npos) return true;
  }
}

bool BulkRename::enter(std::string_view parent) {
  if (entered_ && parent == parent_) return open_;
  entered_ = true;
  open_ = false;
  parent_ = parent;
  for (auto& before : opened_) before.close();
  opened_[0] = OpenedUp(from_.fd(), parent);
  opened_[1] = OpenedUp(to_.fd(), parent);
  from_parent_ = from_.open(parent, O_PATH | O_DIRECTORY);
  if (!from_parent_.valid()) return false;
  to_parent_ = to_.open(parent, O_RDONLY | O_DIRECTORY);
  if (!to_parent_.valid() && errno == ENOENT && make_directories(parent)) {
    opened_[1].close();
    opened_[1] = OpenedUp(to_.fd(), parent);
    to_parent_ = to_.open(parent, O_RDONLY | O_DIRECTORY);
  }
  open_ = to_parent_.valid() && !hands_down(to_parent_);
  return open_;
}

// Below the parents that were entered.
bool BulkRename::rename(const RelPath& path) {
  const char* const name = name_of(path);
  if (fault("rename", path.text()) != 0) return false;
  return ::renameat(from_parent_.get(), name, to_parent_.get(), name) == 0;
}

bool BulkRename::move(const RelPath& path) {
  if (!enter(path.parent())) return false;
  struct stat facts {};
  if (::fstatat(from_parent_.get(), name_of(path), &facts, AT_SYMLINK_NOFOLLOW) != 0) return false;
  return (S_ISREG(facts.st_mode) || S_ISLNK(facts.st_mode)) && rename(path);
}

bool BulkRename::link(const RelPath& path) {
  if (!enter(path.parent())) return false;
  const char* const name = name_of(path);
  struct stat facts {};
  if (::fstatat(from_parent_.get(), name, &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(facts.st_mode))
    return false;
  if (fault("link", path.text()) != 0) return false;
  return ::linkat(from_parent_.get(), name, to_parent_.get(), name, 0) == 0;
}

bool BulkRename::move_directory(const RelPath& path) {
  if (!enter(path.parent())) return false;
  struct stat facts {};
  const bool there = ::fstatat(from_parent_.get(), name_of(path), &facts, AT_SYMLINK_NOFOLLOW) == 0;
  if (!there || !S_ISDIR(facts.st_mode)) return false;
  const OpenedUp opened(from_.fd(), path.text());  // its `..` changes
  return rename(path);
}

}  // namespace recentd::sys
