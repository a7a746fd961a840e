#include "sys/process/bell.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include <recentd/error.hpp>

#include "sys/process/signals.hpp"
#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;
namespace fs = std::filesystem;

namespace {

bool is_readable(int fd) {
  pollfd look{fd, POLLIN, 0};
  return ::poll(&look, 1, 0) == 1;
}

}  // namespace

TEST_SUITE("sys::bell") {
  TEST_CASE("who rings wakes the one that listens, once however often it was") {
    const TempDir dir;
    const auto path = dir.path() + "/bell";
    CHECK_FALSE(Bell::ring(path));
    Bell bell(path);
    CHECK_FALSE(is_readable(bell.fd()));
    CHECK_FALSE(bell.take());
    for (int i = 0; i < 100'000; ++i) REQUIRE(Bell::ring(path));  // more than a FIFO holds
    CHECK(is_readable(bell.fd()));
    CHECK(bell.take());
    CHECK_FALSE(is_readable(bell.fd()));
    CHECK_FALSE(bell.take());
  }

  TEST_CASE("what rang before it was closed is told then, and nobody rings any more") {
    const TempDir dir;
    const auto path = dir.path() + "/bell";
    Bell bell(path);
    REQUIRE(Bell::ring(path));
    CHECK(bell.close());
    CHECK_FALSE(fs::exists(path));
    CHECK_FALSE(Bell::ring(path));
    CHECK_FALSE(bell.take());
    CHECK_FALSE(bell.close());
  }

  TEST_CASE("the FIFO of one that was killed serves the next") {
    const TempDir dir;
    const auto path = dir.path() + "/bell";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    CHECK_FALSE(Bell::ring(path));
    Bell bell(path);
    CHECK(Bell::ring(path));
    CHECK(bell.take());
  }

  TEST_CASE("what is no FIFO is neither written to nor listened at") {
    const TempDir dir;
    const auto path = dir.path() + "/bell";
    std::ofstream(dir.path() + "/file") << "content";
    SUBCASE("a file") {
      fs::copy_file(dir.path() + "/file", path);
    }
    SUBCASE("a link") {
      fs::create_symlink("file", path);
    }
    SUBCASE("a directory") {
      fs::create_directory(path);
    }
    {
      Bell bell(path);
      CHECK(bell.fd() == -1);
      CHECK_FALSE(bell.take());
    }
    if (fs::is_directory(path))
      CHECK_THROWS_AS((void)Bell::ring(path), Error);
    else
      CHECK_FALSE(Bell::ring(path));
    CHECK(fs::file_size(dir.path() + "/file") == 7);
    CHECK(fs::exists(fs::symlink_status(path)));
  }

  TEST_CASE("a file system without FIFOs has no bell, and that is all") {
    const TempDir dir;
    const Failing mkfifo("mkfifo", EPERM);
    Bell bell(dir.path() + "/bell");
    CHECK(bell.fd() == -1);
    CHECK_FALSE(Bell::ring(dir.path() + "/bell"));
  }

  TEST_CASE("SIGHUP rings the bell there is, and ends nothing where there is none") {
    const TempDir dir;
    catch_hangups();
    ::raise(SIGHUP);
    {
      Bell bell(dir.path() + "/bell");
      CHECK_FALSE(bell.take());
      ::raise(SIGHUP);
      CHECK(bell.take());
    }
    ::raise(SIGHUP);
  }
}
