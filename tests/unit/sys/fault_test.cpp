#include "sys/fault.hpp"

#include <cerrno>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <recentd/error.hpp>

using namespace recentd;
using namespace recentd::sys;

namespace {

// The wait status of this test program run again with that setting; it runs the case that is skipped below.
int status_with(const std::string& setting) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setenv("RECENTD_FAULT", setting.c_str(), 1);
    ::execl("/proc/self/exe", "test_sys", "-tc=helper: three writes", "--no-skip", "--out=/dev/null",
            nullptr);
    ::_exit(99);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return status;
}

int exit_with(const std::string& setting) {
  const int status = status_with(setting);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_SUITE("sys::fault") {
  TEST_CASE("without a hook nothing fails; with one it decides") {
    CHECK(fault("write", "/a") == 0);
    std::string seen;
    set_fault_hook([&](std::string_view operation, std::string_view path) {
      seen += std::string(operation) + " " + std::string(path) + ";";
      return operation == "write" ? ENOSPC : 0;
    });
    CHECK(fault("open", "/a") == 0);
    CHECK(fault("write", "/b") == ENOSPC);
    set_fault_hook({});
    CHECK(fault("write", "/c") == 0);
    CHECK(seen == "open /a;write /b;");
  }

  TEST_CASE("a hook may throw") {
    set_fault_hook([](std::string_view, std::string_view) -> int { throw Error(Kind::io, "crash here"); });
    CHECK_THROWS_WITH(fault("x", "y"), "crash here");
    set_fault_hook({});
  }

  TEST_CASE("a pause keeps the hook from this thread, pauses in a pause too") {
    set_fault_hook([](std::string_view, std::string_view) { return EIO; });
    {
      const FaultPause pause;
      {
        const FaultPause another;
        CHECK(fault("write", "/a") == 0);
      }
      CHECK(fault("write", "/a") == 0);
      std::thread([] { CHECK(fault("write", "/a") == EIO); }).join();
    }
    CHECK(fault("write", "/a") == EIO);
    set_fault_hook({});
  }

  // Ends the process with a code that tells at which write it failed, and how.
  TEST_CASE("helper: three writes" * doctest::skip()) {
    try {
      for (int i = 1; i <= 3; ++i) {
        if (fault("read", "/f") != 0) ::_exit(50);
        const int failure = fault("write", "/f");
        if (failure != 0) ::_exit(failure == ENOSPC ? 10 + i : failure == EIO ? 20 + i : 98);
      }
    } catch (const Error& error) {
      ::_exit(error.kind() == Kind::config ? 40 : 41);
    }
    ::_exit(30);
  }

  TEST_CASE("the environment fails the n-th operation of a name, once") {
    CHECK(exit_with("write:1:ENOSPC") == 11);
    CHECK(exit_with("write:3:ENOSPC") == 13);
    CHECK(exit_with("write:2:5") == 22);
    CHECK(exit_with("write:4:EIO") == 30);
    CHECK(exit_with("rename:1:EIO") == 30);
    CHECK(exit_with("") == 30);
  }

  TEST_CASE("the environment can kill the process at an operation") {
    const int status = status_with("write:2:kill");
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
  }

  TEST_CASE("a setting without sense is refused, not ignored") {
    for (const char* bad : {"write", "write:1", "write:0:EIO", "write:x:EIO", "write:1:ENOTHING", "write:1:0",
                            "write:1:999", ":1:EIO", "write:1:EIO:x"}) {
      CAPTURE(bad);
      CHECK(exit_with(bad) == 40);
    }
  }
}
