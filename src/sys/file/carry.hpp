#pragma once

#include "sys/tree/dir.hpp"

namespace recentd::sys {

// As Dir::move(), and where that is no rename, as another file system is mounted in the middle of one of the
// trees, a copy with the same mode and time, on the disk before the original is removed. Throws Error{io}.
Dir::Move move_or_carry(const Dir& from, const RelPath& path, const Dir& to, const RelPath& as);

}  // namespace recentd::sys
