#include "sys/file/leased_file.hpp"

#include <future>

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/fault.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd::sys;
using recentd::sys::test::get;
using recentd::sys::test::put;
using recentd::sys::test::TempDir;

TEST_SUITE("sys::leased_file") {
  TEST_CASE("it is known as leased until it is taken back, and is empty then") {
    const TempDir dir;
    const auto path = dir.path("f");
    put(path, "7\n");
    CHECK_FALSE(is_leased(path));
    auto lease = LeasedFile::take(path);
    REQUIRE(lease);
    CHECK(is_leased(path));
    lease->take_back();
    CHECK_FALSE(is_leased(path));
    CHECK(get(path) == "");
    lease->take_back();
  }

  TEST_CASE("who opens it waits for its end, under whatever name it is by then") {
    const TempDir dir;
    put(dir.path("f"), "7\n");
    auto lease = LeasedFile::take(dir.path("f"));
    REQUIRE(lease);
    auto reader = std::async(std::launch::async, [&] { return get(dir.path("f")); });
    // It waits: as long as it does, the file is leased, and it is never seen with its text.
    for (int i = 0; i < 20; ++i) CHECK(is_leased(dir.path("f")));
    lease->take_back();
    CHECK(reader.get() == "");
  }

  TEST_CASE("it ends with the process, and then the text is there") {
    const TempDir dir;
    put(dir.path("f"), "7\n");
    const auto child = ::fork();
    if (child == 0) {
      const auto lease = LeasedFile::take(dir.path("f"));
      put(dir.path("ready"), lease ? "yes" : "no");
      ::pause();
      ::_exit(0);
    }
    while (get(dir.path("ready")).value_or("").empty()) ::usleep(2000);
    CHECK(is_leased(dir.path("f")));
    ::kill(child, SIGKILL);
    CHECK(get(dir.path("f")) == "7\n");
    ::waitpid(child, nullptr, 0);
  }

  TEST_CASE("it tells whether it is still what stands there") {
    const TempDir dir;
    put(dir.path("f"), "7\n");
    const auto lease = LeasedFile::take(dir.path("f"));
    REQUIRE(lease);
    CHECK(lease->is(dir.path("f"), "7\n"));
    CHECK_FALSE(lease->is(dir.path("f"), "8\n"));
    CHECK_FALSE(lease->is(dir.path("g"), "7\n"));
    CHECK(::rename(dir.path("f").c_str(), dir.path("g").c_str()) == 0);
    CHECK(lease->is(dir.path("g"), "7\n"));
    put(dir.path("f"), "7\n");
    CHECK_FALSE(lease->is(dir.path("f"), "7\n"));
  }

  TEST_CASE("nothing where the kernel grants none, or there is no such file") {
    const TempDir dir;
    put(dir.path("f"), "7\n");
    CHECK_FALSE(LeasedFile::take(dir.path("g")));
    set_fault_hook([](auto operation, auto) { return operation == "lease" ? EINVAL : 0; });
    CHECK_FALSE(LeasedFile::take(dir.path("f")));
    set_fault_hook({});
    CHECK_FALSE(is_leased(dir.path("f")));
    CHECK(get(dir.path("f")) == "7\n");
  }
}
