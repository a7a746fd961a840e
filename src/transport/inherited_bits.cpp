#include "transport/inherited_bits.hpp"

#include <recentd/path.hpp>

#include "sys/tree/remove_tree.hpp"

namespace recentd::transport {
namespace {

constexpr unsigned k_special = 07000, k_set_group = 02000;

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::optional<unsigned> mode_of(const sys::Dir& root, const std::string& directory) {
  if (directory.empty()) return root.facts().mode;
  const auto path = RelPath::parse(directory, sys::any_name());
  const auto facts = path ? root.lstat(*path) : std::nullopt;
  return facts && facts->type == sys::FileType::directory ? std::optional(facts->mode) : std::nullopt;
}

}  // namespace

InheritedBits::InheritedBits(const std::vector<std::string>& names, const std::string& destination) {
  if (sys::stat_path(destination)) destination_.emplace(destination);
  if (!destination_) return;
  for (const auto& name : names)
    for (auto directory = parent_of(name); before_.try_emplace(directory).second;
         directory = parent_of(directory))
      if (directory.empty()) break;
  for (auto& [directory, bits] : before_) {
    const auto mode = mode_of(*destination_, directory);
    if (!mode) continue;
    bits = *mode & k_special;
    any_ = any_ || *bits != 0;
    hands_down_ = hands_down_ || (*bits & k_set_group) != 0;
  }
}

unsigned InheritedBits::wanted(const std::string& directory) const {
  const auto& bits = before_.at(directory);
  if (bits) return *bits;
  return directory.empty() ? 0 : wanted(parent_of(directory)) & k_set_group;
}

void InheritedBits::restore() const {
  if (!any_) return;
  for (const auto& [directory, bits] : before_) {
    const auto mode = mode_of(*destination_, directory);
    const auto path = RelPath::parse(directory, sys::any_name());
    if (!mode || !path || (*mode & k_special) == wanted(directory)) continue;
    (void)destination_->try_set_mode(*path, (*mode & ~k_special) | wanted(directory));
  }
}

}  // namespace recentd::transport
