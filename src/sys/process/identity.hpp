#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace recentd::sys {

// Who this process is. These calls cannot fail, so no fault hook is asked.

int own_pid() noexcept;
// Whether it acts as root.
bool is_root() noexcept;
// The user it acts as.
std::uint32_t own_user() noexcept;
// What it takes from the modes of new files. As /proc tells it: asking the kernel would change it for a
// moment, for all threads. 022 where /proc does not say.
unsigned own_umask();

// Names this boot of the machine; empty where the kernel does not tell.
std::string boot_id();

// When a process began, in the kernel's ticks since the start of the machine, so no setting of a clock
// changes it: what tells it from an earlier one of the same number. Nothing if there is none, or /proc does
// not say.
std::optional<std::uint64_t> process_start(int pid);
// The user that it acts as. Nothing as before.
std::optional<std::uint32_t> user_of_process(int pid);
// For how long it has been running.
std::optional<std::int64_t> process_age_s(int pid);

}  // namespace recentd::sys
