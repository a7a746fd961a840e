#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace recentd::sys {

// Processes that run a program of this name (as the kernel has it, without directories) and have the file
// `path` open: what a process that died had started, and gave its lock to. None that was given the lock by
// `recentd lock`, which somebody else started. Without this one. Looks through /proc; who may not be looked
// into is left out, and so is everybody where there is no /proc.
std::vector<int> heirs_of(const std::string& path, std::string_view program);

// Ends a process, which may clean up, or at once. One that is gone already is none of a failure.
enum class Ending { tidy, at_once };
void end_process(int pid, Ending how) noexcept;

}  // namespace recentd::sys
