#pragma once

namespace recentd::sys {

// Installs handlers for SIGINT and SIGTERM that only note the wish to stop, and ignores SIGPIPE.
void install_stop_handlers();
// True once such a signal arrived.
bool stop_requested() noexcept;
// For tests: sets or clears the wish.
void set_stop_requested(bool value) noexcept;
// A descriptor that becomes readable when a stop was requested (for poll); -1 before install_stop_handlers().
int stop_fd() noexcept;

}  // namespace recentd::sys
