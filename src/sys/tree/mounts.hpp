#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/tree/dir.hpp"

namespace recentd::sys {

// Where file systems are mounted below a directory, which is given absolute and without links; relative to
// it, in the order in which they were mounted. Nothing if the kernel does not tell. Safe from any thread.
std::vector<std::string> mounts_below(const std::string& directory);

// The device of what is mounted at a directory below the root; nothing if it is no mount point, or not there.
// By `listed`, which is mounts_below() of the root, or by another device than its parent's. Throws Error{io}.
std::optional<std::uint64_t> mounted_device(const Dir& root, const std::string& directory,
                                            const std::vector<std::string>& listed);

// mounts_below() from the text of /proc/self/mountinfo (proc(5)). Pure.
std::vector<std::string> parse_mounts(std::string_view mountinfo, const std::string& directory);

}  // namespace recentd::sys
