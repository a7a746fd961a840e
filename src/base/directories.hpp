#pragma once

#include <string>
#include <string_view>

namespace recentd {

// Texts that name directories. Pure: nothing is looked at, so links and ".." must be resolved before.

// Whether a path is that directory or lies below it.
bool is_inside(std::string_view path, std::string_view directory) noexcept;
// "/a" of "/a/b", "/" of "/a", "." of "a".
std::string parent_of(std::string_view path);
// The root stays "/".
std::string without_trailing_slash(std::string path);

}  // namespace recentd
