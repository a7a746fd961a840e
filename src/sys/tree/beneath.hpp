#pragma once

#include <string_view>

#include "sys/fd.hpp"

namespace recentd::sys {

// Opens `relative` (without empty, `.` and `..` components; "" = the root itself) below root_fd, following no
// symbolic link anywhere. flags as for open(2), without O_CREAT. On failure the Fd is not valid and errno
// says why: ELOOP or ENOTDIR for a link on the way.
Fd open_beneath(int root_fd, std::string_view relative, int flags);

// How the way is walked: in the kernel (openat2; by components where the kernel has none), or by components.
enum class Walk { kernel, components };
// For tests. Process-wide.
void set_walk(Walk walk) noexcept;

}  // namespace recentd::sys
