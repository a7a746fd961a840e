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

// From now on SIGHUP and SIGUSR1 are noted and no longer the end of the process. For a service that has no
// event yet.
void note_service_signals();
// Handlers for SIGHUP and SIGUSR1 that note the signal and raise the event, which must live as long as the
// process. It is raised at once if one was noted before.
void install_service_handlers(const Event& event);
// Whether SIGHUP, or SIGUSR1, arrived since the last call.
bool take_hangup() noexcept;
bool take_user_signal() noexcept;

// From now on SIGHUP is no longer the end of the process, but rings: a byte is written to the descriptor that
// was named last (-1: to none), and what comes while there is none is forgotten.
void catch_hangups();
void ring_at_hangup(int fd) noexcept;

// A file that may not grow is an error of write(), EFBIG, and not the end of the process.
void ignore_file_size_signal();
// For a program that takes our place: what is ignored stays so through exec().
void restore_file_size_signal() noexcept;

}  // namespace recentd::sys
