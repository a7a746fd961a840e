#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace recentd::transport {

// Turns what a user asks for with --rsync-option NAME[=VALUE] into arguments for rsync. Only options that
// cannot make rsync write, delete or read outside the target, or change which names arrive, are taken; others
// are refused by name. `links`, `times`, `omit-dir-times` are always on and accepted as such. Throws
// Error{usage}.
std::vector<std::string> rsync_arguments(const std::vector<std::string>& options);

// The version in the first line of `rsync --version`, as major * 10000 + minor * 100 + patch; 0 if it has
// none.
int parse_rsync_version(std::string_view first_line) noexcept;

}  // namespace recentd::transport
