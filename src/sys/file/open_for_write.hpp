#pragma once

#include <optional>

#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"

namespace recentd::sys {

// Whether somebody has a regular file below the root open for writing; nothing where that cannot be known (a
// file system without leases, not our file, no longer there). Never waits.
std::optional<bool> is_open_for_write(const Dir& root, const RelPath& path);

}  // namespace recentd::sys
