#include "target/inner_trees.hpp"

#include <algorithm>

#include "base/place.hpp"
#include "base/text.hpp"
#include "sys/failure.hpp"

namespace recentd::target {

bool InnerTrees::cover(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash != std::string_view::npos && is_or_lies_in_one(path.substr(0, slash));
}

// Looked at by its name: where a link on the way leads elsewhere the worst is that a path is left alone.
bool InnerTrees::is_or_lies_in_one(std::string_view directory) {
  const auto [at, fresh] = known_.try_emplace(std::string(directory), false);
  if (!fresh) return at->second;
  const bool inner =
      cover(directory) || sys::or_nothing([&] {
                            return sys::lstat_path(cat(target_.path(), "/", directory, "/", k_private_name));
                          }).has_value();
  return known_[std::string(directory)] = inner;
}

bool is_another_tree(std::string_view directory, const std::vector<sys::Dir::Entry>& entries,
                     const std::function<bool(const std::string& path)>& is_ours) {
  return std::ranges::any_of(entries, [&](const sys::Dir::Entry& entry) {
    if (entry.type == sys::FileType::directory) return entry.name == k_private_name;
    return shows_index(entry.name) && entry.name.ends_with(".recent") &&
           !is_ours(cat(directory, "/", entry.name));
  });
}

}  // namespace recentd::target
