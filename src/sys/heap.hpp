#pragma once

namespace recentd::sys {

// Gives back what was freed and is kept for the next time: after a large piece of work in a process that goes
// on for months, and before the next one of another kind.
void give_back_memory() noexcept;

}  // namespace recentd::sys
