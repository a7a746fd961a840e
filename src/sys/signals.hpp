#pragma once

#include <recentd/stop.hpp>

namespace recentd::sys {

// Installs handlers for SIGINT and SIGTERM that only request Stop::process(), and ignores SIGPIPE.
void install_stop_handlers();
// Shorthands for Stop::process().
inline bool stop_requested() noexcept {
  return Stop::process().requested();
}
// For tests: sets or clears the wish.
inline void set_stop_requested(bool value) noexcept {
  value ? Stop::process().request() : Stop::process().clear();
}

}  // namespace recentd::sys
