#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"

namespace recentd {

// How long a file may rest and yet be under way. A receiver writes all the time, or its call is cut off: an
// hour is far more than either takes, and no longer than content that only looks so may wait.
inline constexpr std::chrono::hours k_unfinished_age(1);

// How much longer a file that was written at its mtime counts as unfinished; nothing if it does not. One from
// farther in the future than that tells nothing. The mtime, as a copy of an old file is whole at once: rsync
// gives its files their times last, a moment before their names. Pure. `now_ns`: since 1970.
std::optional<std::chrono::nanoseconds> time_to_rest(const sys::FileFacts& facts,
                                                     std::int64_t now_ns) noexcept;

// Whether a file whose name is perhaps an unfinished one's is that: written a short while ago, or open
// for writing, as far as that can be told. Only files are, since rsync makes no directories or links of such
// names.
bool is_unfinished(const sys::Dir& root, const RelPath& path, const sys::FileFacts& facts,
                   std::int64_t now_ns);

}  // namespace recentd
