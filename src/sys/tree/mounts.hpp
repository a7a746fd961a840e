#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace recentd::sys {

// Where file systems are mounted below a directory, which is given absolute and without links; relative to
// it, in the order in which they were mounted. Nothing if the kernel does not tell. Safe from any thread.
std::vector<std::string> mounts_below(const std::string& directory);

// The same from the text of /proc/self/mountinfo (proc(5)). Pure.
std::vector<std::string> parse_mounts(std::string_view mountinfo, const std::string& directory);

}  // namespace recentd::sys
