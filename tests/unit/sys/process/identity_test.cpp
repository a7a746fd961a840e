#include "sys/process/identity.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

using namespace recentd::sys;

TEST_SUITE("sys::identity") {
  TEST_CASE("a process knows itself and its parent") {
    CHECK(own_pid() == ::getpid());
    CHECK(parent_pid() == ::getppid());
    CHECK(is_root() == (::geteuid() == 0));
  }
}
