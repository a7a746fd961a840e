#include "sys/terminal.hpp"

#include <cstdlib>

#include <doctest/doctest.h>

using namespace recentd::sys;

TEST_SUITE("sys::terminal") {
  // The rest is seen where a terminal is: cli::cmd_mirror.
  TEST_CASE("no colours where they are not wanted, and no terminal where there is none") {
    ::setenv("NO_COLOR", "1", 1);
    CHECK_FALSE(takes_colour(Stream::output));
    ::unsetenv("NO_COLOR");
    ::setenv("TERM", "dumb", 1);
    CHECK_FALSE(is_terminal(Stream::output));
    CHECK_FALSE(takes_colour(Stream::errors));
    ::unsetenv("TERM");
    CHECK(terminal_columns(Stream::errors) > 0);
  }
}
