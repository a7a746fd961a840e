#include "sys/tree/way.hpp"

#include <algorithm>
#include <climits>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/directories.hpp"
#include "base/text.hpp"
#include "sys/fault.hpp"
#include "sys/tree/beneath.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::sys {
namespace {

constexpr unsigned k_owner_all = 0700, k_mode_bits = 07777;

// Calls step(directory_fd, name, end of the name in the path) for each part of a path, with the directory
// that holds it; ends where step says false, or a part is no directory.
template <class Step>
void walk_down(int root_fd, std::string_view path, const Step& step) {
  Fd at;
  for (std::size_t start = 0; start < path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    const std::string name(path.substr(start, end - start));
    const int holder = at.valid() ? at.get() : root_fd;
    if (!step(holder, name.c_str(), end)) return;
    at = Fd(::openat(holder, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!at.valid()) return;
    start = end + 1;
  }
}

bool keeps_us_out(const struct stat& facts) {
  return S_ISDIR(facts.st_mode) && facts.st_uid == ::geteuid() &&
         (facts.st_mode & k_owner_all) != k_owner_all;
}

}  // namespace

OpenedUp::OpenedUp(int root_fd, std::string_view directory) {
  walk_down(root_fd, directory, [&](int holder, const char* name, std::size_t end) {
    struct stat facts {};
    if (::fstatat(holder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (!keeps_us_out(facts)) return true;
    if (fault("chmod", directory.substr(0, end)) != 0) return false;
    const auto mode = facts.st_mode & k_mode_bits;
    if (::fchmodat(holder, name, mode | k_owner_all, 0) != 0) return false;
    Fd fd(::openat(holder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (fd.valid()) opened_.emplace_back(std::move(fd), mode);
    return true;
  });
}

OpenedUp& OpenedUp::operator=(OpenedUp&& other) noexcept {
  if (this == &other) return *this;
  close();
  opened_ = std::move(other.opened_);
  other.opened_.clear();
  return *this;
}

void OpenedUp::close() noexcept {
  for (; !opened_.empty(); opened_.pop_back())
    ::fchmod(opened_.back().first.get(), static_cast<mode_t>(opened_.back().second));
}

std::optional<LinkOnWay> link_on_way(int root_fd, std::string_view directory) {
  std::optional<LinkOnWay> found;
  walk_down(root_fd, directory, [&](int holder, const char* name, std::size_t end) {
    struct stat facts {};
    if (::fstatat(holder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (!S_ISLNK(facts.st_mode)) return true;
    std::string text(PATH_MAX, '\0');
    const auto length = ::readlinkat(holder, name, text.data(), text.size());
    text.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
    found = {std::string(directory.substr(0, end)), std::move(text), facts.st_uid};
    return false;
  });
  return found;
}

Way look_at_way(int root_fd, std::string_view directory) {
  if (open_beneath(root_fd, directory, O_PATH | O_DIRECTORY).valid()) return Way::straight;
  if (errno == ENOENT) return Way::missing;
  // A file says ENOTDIR as well.
  return (errno == ELOOP || errno == ENOTDIR) && link_on_way(root_fd, directory) ? Way::linked
                                                                                 : Way::straight;
}

bool leads_out(std::string_view path, std::string_view text) {
  if (text.empty() || text.starts_with('/')) return true;
  auto depth = std::count(path.begin(), path.end(), '/');
  bool down = false;
  for (const auto part : split(text, '/')) {
    const bool up = part == "..";
    if (up && (down || --depth < 0)) return true;
    down |= !up && !part.empty();
  }
  return false;
}

std::optional<std::string> LinkedDirectories::follow(const LinkOnWay& link, const std::string& root,
                                                     const std::string& place) {
  if (!leads_out(link.path, link.text) || (link.owner != 0 && link.owner != ::geteuid())) return std::nullopt;
  const auto real = real_path(place);
  const auto facts = real ? stat_path(*real) : std::nullopt;
  if (!facts || facts->type != FileType::directory || is_inside(*real, root) || is_inside(root, *real))
    return std::nullopt;
  const std::lock_guard lock(mutex_);
  real_[link.path] = *real;
  return real;
}

std::optional<std::pair<std::string, std::string>> LinkedDirectories::above(std::string_view path) const {
  const std::lock_guard lock(mutex_);
  if (real_.empty()) return std::nullopt;
  // Where one link lies behind another, the longer one has it.
  for (auto slash = path.rfind('/'); slash != std::string_view::npos && slash > 0;
       slash = path.rfind('/', slash - 1))
    if (const auto found = real_.find(path.substr(0, slash)); found != real_.end()) return *found;
  return std::nullopt;
}

std::map<std::string, std::string, std::less<>> LinkedDirectories::all() const {
  const std::lock_guard lock(mutex_);
  return real_;
}

}  // namespace recentd::sys
