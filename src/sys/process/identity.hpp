#pragma once

namespace recentd::sys {

// Who this process is. These calls cannot fail, so no fault hook is asked.

int own_pid() noexcept;
// The process that started this one, or the one that took it over when that ended.
int parent_pid() noexcept;
// Whether it acts as root.
bool is_root() noexcept;

}  // namespace recentd::sys
