#pragma once

#include <cstdint>
#include <optional>

namespace recentd::sys {

// How many bytes the processes of a group have read so far, from files, pipes and sockets alike, and what the
// kernel fetched from disks for them. Those that ended count as long as their parent, which they are added
// to, is of the group. Nothing if /proc does not tell.
std::optional<std::uint64_t> bytes_read_by_group(int group);

// Whether it tells.
bool can_count_bytes();

}  // namespace recentd::sys
