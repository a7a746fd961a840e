#include "sys/process/become.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "unit/sys/fault_hook.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

TEST_SUITE("sys::become") {
  TEST_CASE("a process becomes another program, found in PATH") {
    const pid_t pid = ::fork();
    if (pid == 0) {
      try {
        become({"sh", "-c", "exit \"$0\"", "7"});
      } catch (const Error&) {
        ::_exit(1);
      }
    }
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 7);
  }

  TEST_CASE("it stays what it is if there is no such program") {
    try {
      become({"/no/such program"});
    } catch (const Error& error) {
      CHECK(error.kind() == Kind::missing);
      CHECK(error.errno_value() == ENOENT);
    }
    const Failing hook("exec", ENOMEM);
    CHECK_THROWS_AS(become({"true"}), Error);
  }
}
