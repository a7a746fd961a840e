#pragma once

#include <string>

namespace recentd::sys {

// Whether a process works in a directory, has it for its root, or has it or something below it open, as far
// as /proc tells: of other users' processes that is nothing, unless we are root. `directory`: absolute,
// without links.
bool has_visitors(const std::string& directory);

}  // namespace recentd::sys
