#include "sys/file/placing.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <vector>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/link_target.hpp"
#include "base/text.hpp"
#include "sys/fault.hpp"
#include "sys/tree/bulk_rename.hpp"

namespace recentd::sys {
namespace {

constexpr mode_t k_permissions = 07777, k_rights = 0777, k_new_file = 0666, k_new_directory = 0777;
constexpr std::size_t k_piece_bytes = std::size_t{256} << 10;

// As rsync calls its unfinished files, so that whoever clears those away after a crash finds ours, too.
std::string unfinished(const std::string& name) {
  static std::atomic<unsigned> next{static_cast<unsigned>(::getpid()) << 8U};
  constexpr std::size_t k_name_bytes_max = 246;
  constexpr unsigned k_ends = 1'000'000;
  std::array<char, 8> end{};
  std::snprintf(end.data(), end.size(), "%06u", next.fetch_add(1) % k_ends);
  const auto bare = std::string_view(name).substr(name.starts_with('.') ? 1 : 0);
  return cat(".", bare.substr(0, k_name_bytes_max), ".", std::string_view(end.data()));
}

bool copy_bytes(int from, int to) {
  std::vector<char> piece(k_piece_bytes);
  for (;;) {
    const auto got = ::read(from, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    for (ssize_t done = 0; done < got;) {
      const auto put = ::write(to, piece.data() + done, static_cast<std::size_t>(got - done));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return false;
      done += put;
    }
  }
}

// 0 or the errno.
int copy_file(int from_directory, const std::string& made, int to_directory, const std::string& name) {
  const Fd from(::openat(from_directory, made.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  const Fd to(
      ::openat(to_directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, k_new_file));
  struct stat facts {};
  if (!from.valid() || !to.valid() || ::fstat(from.get(), &facts) != 0) return errno;
  if (!copy_bytes(from.get(), to.get())) return errno;
  const timespec times[2] = {{0, UTIME_OMIT}, facts.st_mtim};
  return ::futimens(to.get(), times) == 0 ? 0 : errno;
}

int copy_link(int from_directory, const std::string& made, int to_directory, const std::string& name,
              const struct stat& facts) {
  std::vector<char> text(static_cast<std::size_t>(facts.st_size) + 1);
  const auto bytes = ::readlinkat(from_directory, made.c_str(), text.data(), text.size() - 1);
  if (bytes < 0 || ::symlinkat(text.data(), to_directory, name.c_str()) != 0) return errno;
  const timespec times[2] = {{0, UTIME_OMIT}, facts.st_mtim};
  return ::utimensat(to_directory, name.c_str(), times, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

// Mirrors make no links that leave the tree, so such a one is the operator's.
bool may_give_way(int holder, const std::string& name, std::string_view path) {
  struct stat facts {};
  if (::fstatat(holder, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(facts.st_mode))
    return false;
  if (!S_ISLNK(facts.st_mode)) return S_ISREG(facts.st_mode);
  std::vector<char> text(static_cast<std::size_t>(facts.st_size) + 1);
  const auto bytes = ::readlinkat(holder, name.c_str(), text.data(), text.size());
  return bytes > 0 && link_stays(path, {text.data(), static_cast<std::size_t>(bytes)});
}

bool is_not_empty(int error) {
  return error == ENOTEMPTY || error == EEXIST;
}

}  // namespace

Placing::Result Placing::failed(int why) noexcept {
  why_ = why;
  return Result::failed;
}

// A file that became a directory upstream has to go: what lies below it is newer than it.
bool Placing::make_parents(std::string_view directory) {
  for (auto end = directory.find('/');; end = directory.find('/', end + 1)) {
    const auto path = directory.substr(0, end);
    const auto slash = path.rfind('/');
    const bool top = slash == std::string_view::npos;
    const Fd holder = root_.open(top ? std::string_view() : path.substr(0, slash), O_PATH | O_DIRECTORY);
    const std::string name(top ? path : path.substr(slash + 1));
    if (!holder.valid()) return false;
    if ((errno = fault("mkdir", path)) != 0) return false;
    if (may_give_way(holder.get(), name, path)) ::unlinkat(holder.get(), name.c_str(), 0);
    const bool made = ::mkdirat(holder.get(), name.c_str(), k_new_directory) == 0;
    if (!made && errno != EEXIST) return false;
    struct stat facts {};
    if (made && modes_ && ::fstatat(holder.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0)
      ::fchmodat(holder.get(), name.c_str(), modes_(facts.st_mode & k_rights, true), 0);
    if (end == std::string_view::npos) return true;
  }
}

bool Placing::enter(std::string_view parent) {
  if (entered_ && parent == parent_) return true;
  entered_ = false;
  parent_ = parent;
  parent_fd_ = root_.open(parent, O_RDONLY | O_DIRECTORY);
  if (!parent_fd_.valid() && !parent.empty() && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) &&
      make_parents(parent))
    parent_fd_ = root_.open(parent, O_RDONLY | O_DIRECTORY);
  if (!parent_fd_.valid()) return false;
  by_copy_ = !takes_files_from_elsewhere(workshop_, parent_fd_);
  entered_ = true;
  return true;
}

// Of what was made in a directory and is about to get its name.
void Placing::set_mode(int directory, const std::string& made, const std::string& name) const {
  struct stat before {
  }, now{};
  if (::fstatat(directory, made.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(now.st_mode)) return;
  auto mode = now.st_mode & k_permissions;
  if (::fstatat(parent_fd_.get(), name.c_str(), &before, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(before.st_mode))
    mode = before.st_mode & k_permissions;
  if (modes_) mode = modes_(mode & k_rights, false);
  if (mode != (now.st_mode & k_permissions)) ::fchmodat(directory, made.c_str(), mode, 0);
}

Placing::Result Placing::moved(const std::string& made, const std::string& name) {
  if (const int failure = fault("rename", name); failure != 0) return failed(failure);
  if (::renameat(workshop_.fd(), made.c_str(), parent_fd_.get(), name.c_str()) == 0) return Result::placed;
  if (errno != EISDIR) return failed(errno);
  if (::unlinkat(parent_fd_.get(), name.c_str(), AT_REMOVEDIR) != 0)
    return is_not_empty(errno) ? Result::in_the_way : failed(errno);
  return ::renameat(workshop_.fd(), made.c_str(), parent_fd_.get(), name.c_str()) == 0 ? Result::placed
                                                                                       : failed(errno);
}

Placing::Result Placing::copied(const std::string& made, const std::string& name) {
  struct stat facts {};
  if (::fstatat(workshop_.fd(), made.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) return failed(errno);
  const auto beside = unfinished(name);
  int failure = fault("write", name);
  if (failure == 0)
    failure = S_ISLNK(facts.st_mode) ? copy_link(workshop_.fd(), made, parent_fd_.get(), beside, facts)
                                     : copy_file(workshop_.fd(), made, parent_fd_.get(), beside);
  if (failure == 0) set_mode(parent_fd_.get(), beside, name);
  if (failure == 0 && ::renameat(parent_fd_.get(), beside.c_str(), parent_fd_.get(), name.c_str()) != 0)
    failure = errno;
  if (failure == EISDIR && ::unlinkat(parent_fd_.get(), name.c_str(), AT_REMOVEDIR) == 0)
    failure = ::renameat(parent_fd_.get(), beside.c_str(), parent_fd_.get(), name.c_str()) == 0 ? 0 : errno;
  if (failure != 0) {
    ::unlinkat(parent_fd_.get(), beside.c_str(), 0);
    return failure == EISDIR ? Result::in_the_way : failed(failure);
  }
  ::unlinkat(workshop_.fd(), made.c_str(), 0);
  return Result::placed;
}

Placing::Result Placing::place(const std::string& made, const RelPath& path) {
  if (!enter(path.parent())) return failed(errno);
  const std::string name(path.name());
  if (by_copy_) return copied(made, name);
  set_mode(workshop_.fd(), made, name);
  const auto result = moved(made, name);
  // Somebody may have removed the directory that we have open.
  if (result == Result::failed) entered_ = false;
  return result;
}

}  // namespace recentd::sys
