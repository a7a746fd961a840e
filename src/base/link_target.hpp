#pragma once

#include <string_view>

namespace recentd {

// Whether a symbolic link at `path`, relative to a tree's root, leads to a place in the tree by its text
// alone: it is not absolute, and at no point of it above the root. Pure.
bool link_stays(std::string_view path, std::string_view target) noexcept;

}  // namespace recentd
