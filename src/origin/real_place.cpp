#include "origin/real_place.hpp"

#include <algorithm>
#include <vector>

#include <recentd/error.hpp>

#include "sys/tree/way.hpp"

namespace recentd {

namespace {

constexpr int k_links_max = 40;  // as the kernel has it
constexpr std::size_t k_known_max = 65536;

// Walks by names, links included, from a directory that has none on its way ("": the root of all).
class Steps {
 public:
  explicit Steps(std::string from) : at_(std::move(from)) {}

  // False if links go in a circle.
  bool go(std::string_view path) {
    push(path);
    while (!todo_.empty()) {
      const std::string component = std::move(todo_.back());
      todo_.pop_back();
      if (component == "..") {
        at_.resize(at_.empty() ? 0 : at_.rfind('/'));
        continue;
      }
      const std::string next = at_ + "/" + component;
      const auto target = sys::read_link(next);
      if (!target) {
        at_ = next;
        continue;
      }
      if (++links_ > k_links_max) return false;
      passed_.push_back(next);
      if (target->starts_with('/')) at_.clear();
      push(*target);
    }
    return true;
  }
  [[nodiscard]] const std::string& at() const noexcept { return at_; }
  [[nodiscard]] const std::vector<std::string>& passed() const noexcept { return passed_; }

 private:
  // To be walked next, the first one last.
  void push(std::string_view path) {
    const auto end = static_cast<std::ptrdiff_t>(todo_.size());
    for (std::size_t start = 0; start < path.size();) {
      const std::size_t slash = std::min(path.find('/', start), path.size());
      const auto component = path.substr(start, slash - start);
      if (!component.empty() && component != ".") todo_.emplace_back(component);
      start = slash + 1;
    }
    std::reverse(todo_.begin() + end, todo_.end());
  }

  std::string at_;
  std::vector<std::string> todo_;
  std::vector<std::string> passed_;
  int links_ = 0;
};

std::string_view without_slashes(std::string_view path) noexcept {
  while (path.ends_with('/') || path.ends_with("/.")) path.remove_suffix(path.ends_with('/') ? 1 : 2);
  return path;
}

bool is_below(std::string_view path, std::string_view root) noexcept {
  return path.size() > root.size() + 1 && path.starts_with(root) && path[root.size()] == '/';
}

}  // namespace

// One that cannot be read is followed by names.
RealPlaces::RealPlaces(std::string root) : root_(std::move(root)) {
  try {
    directory_.emplace(root_);
  } catch (const Error& error) {
    if (error.kind() != Kind::io && error.kind() != Kind::missing) throw;
  }
}

bool RealPlaces::is_straight(std::string_view path) {
  if (!nothing_.empty() && is_below(path, nothing_)) return true;
  if (is_below(path, parent_) && path.find('/', parent_.size() + 1) == std::string_view::npos)
    return straight_;
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return true;
  const std::string_view parent = path.substr(0, slash);
  straight_ = directory_ && way_to(parent) != sys::Way::linked;
  parent_ = parent;
  return straight_;
}

// What lies below something missing is missing, and behind a link all is.
std::optional<sys::Way> RealPlaces::known_by(std::string_view directory) {
  for (auto end = directory.size(); end != std::string_view::npos && end > 0;
       end = directory.rfind('/', end - 1)) {
    const auto found = known_.find(directory.substr(0, end));
    if (found == known_.end()) continue;
    if (found->second == sys::Way::straight && end != directory.size()) return std::nullopt;
    if (found->second == sys::Way::missing) nothing_ = found->first;
    return found->second;
  }
  return std::nullopt;
}

sys::Way RealPlaces::way_to(std::string_view directory) {
  if (const auto known = known_by(directory)) return *known;
  if (known_.size() >= k_known_max) known_.clear();
  const auto way = sys::look_at_way(directory_->fd(), directory);
  known_.emplace(std::string(directory), way);
  // Of many new names in directories that are not there the highest one says it all.
  auto above = directory.rfind('/');
  while (way == sys::Way::missing && above != std::string_view::npos && above > 0) {
    directory = directory.substr(0, above);
    const auto found = sys::look_at_way(directory_->fd(), directory);
    known_.emplace(std::string(directory), found);
    if (found != sys::Way::missing) break;
    above = directory.rfind('/');
  }
  return way;
}

RealPlaces::Place RealPlaces::follow(std::string_view path) {
  if (!real_root_) real_root_ = without_slashes(sys::real_path(root_).value_or(root_));
  const std::string& root = *real_root_;
  const std::string_view text = without_slashes(path);
  // A name that is a link stays one; `..` is no name.
  const std::size_t slash = text.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? text : text.substr(slash + 1);
  const bool is_name = name != ".." && name != ".";
  const std::string_view way = is_name ? text.substr(0, text.size() - name.size()) : text;
  Steps walk(path.starts_with('/') ? std::string() : root);
  Place place;
  const bool arrived = walk.go(way);
  for (const std::string& link : walk.passed())
    if (place.link.empty() && is_below(link, root)) place.link = link;
  if (!arrived) return place;
  const std::string real = is_name ? walk.at() + "/" + std::string(name) : walk.at();
  if (is_below(real, root)) place.path = real.substr(root.size() + 1);
  return place;
}

}  // namespace recentd
