#include "sys/process/signals.hpp"

#include <cerrno>
#include <initializer_list>

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

using namespace recentd::sys;

namespace {

bool readable() {
  pollfd fd{recentd::Stop::process().fd(), POLLIN, 0};
  return ::poll(&fd, 1, 0) == 1;
}

}  // namespace

TEST_SUITE("sys::signals") {
  TEST_CASE("SIGINT and SIGTERM only note the wish, and wake a poll") {
    install_stop_handlers();
    for (const int signal : {SIGINT, SIGTERM}) {
      set_stop_requested(false);
      CHECK_FALSE(stop_requested());
      CHECK_FALSE(readable());
      ::raise(signal);
      ::raise(signal);
      CHECK(stop_requested());
      CHECK(readable());
      CHECK(readable());
    }
    set_stop_requested(false);
    CHECK_FALSE(readable());
  }

  TEST_CASE("a signal for the service that comes before it is ready is kept for it") {
    for (const int signal : {SIGHUP, SIGUSR1}) {
      note_service_signals();
      ::raise(signal);
      static Event event;
      install_service_handlers(event);
      pollfd fd{event.fd(), POLLIN, 0};
      CHECK(::poll(&fd, 1, 0) == 1);
      CHECK(take_hangup() == (signal == SIGHUP));
      CHECK(take_user_signal() == (signal == SIGUSR1));
      event.drain();
    }
  }

  TEST_CASE("a file that may not grow is an error code, not a death") {
    ignore_file_size_signal();
    CHECK(::raise(SIGXFSZ) == 0);
    restore_file_size_signal();
    struct sigaction action {};
    ::sigaction(SIGXFSZ, nullptr, &action);
    const bool is_default = action.sa_handler == SIG_DFL;
    CHECK(is_default);
  }

  TEST_CASE("a broken pipe is an error code, not a death") {
    install_stop_handlers();
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::close(ends[0]);
    CHECK(::write(ends[1], "x", 1) == -1);
    CHECK(errno == EPIPE);
    ::close(ends[1]);
  }
}
