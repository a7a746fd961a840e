#pragma once

#include <recentd/stop.hpp>

#include "sys/event.hpp"

namespace recentd::sys {

// Installs handlers for SIGINT and SIGTERM that only request Stop::process(), and ignores SIGPIPE and
// SIGXFSZ: what cannot be written fails with an error of its own.
void install_stop_handlers();
// Shorthands for Stop::process().
inline bool stop_requested() noexcept {
  return Stop::process().requested();
}
// For tests: sets or clears the wish.
inline void set_stop_requested(bool value) noexcept {
  value ? Stop::process().request() : Stop::process().clear();
}

// Handlers for SIGHUP and SIGUSR1 that note the signal and raise the event, which must live as long as the
// process.
void install_service_handlers(const Event& event);
// Whether SIGHUP, or SIGUSR1, arrived since the last call.
bool take_hangup() noexcept;
bool take_user_signal() noexcept;

}  // namespace recentd::sys
