#pragma once

#include <string_view>

namespace recentd::transport {

// Whether rsync calls a link unsafe, whose text this is, at a path of a tree: it is absolute or empty, or
// leads above the root or may, as `..` stands behind a name. Pure.
bool is_unsafe_link(std::string_view path, std::string_view text) noexcept;

}  // namespace recentd::transport
