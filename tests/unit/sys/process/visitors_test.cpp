#include "sys/process/visitors.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd;

TEST_SUITE("sys::visitors") {
  TEST_CASE("who works in a directory, or has something in it open, is seen until he leaves") {
    const recentd::test::TempTree tree("visitors");
    const auto inside = tree.make_directory("inside/deep");
    const auto file = tree.write("inside/file", "x"), beside = tree.write("inside2", "x");
    const auto directory = tree.path("inside");
    CHECK_FALSE(sys::has_visitors(directory));
    {
      recentd::test::Program visitor({"sh", "-c", "cd \"$1\" && exec sleep 600", "sh", inside});
      CHECK(recentd::test::eventually([&] { return sys::has_visitors(directory); }));
    }
    CHECK(recentd::test::eventually([&] { return !sys::has_visitors(directory); }));
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC),
              other = ::open(beside.c_str(), O_RDONLY | O_CLOEXEC);
    CHECK(sys::has_visitors(directory));
    ::close(fd);
    CHECK_FALSE(sys::has_visitors(directory));
    ::close(other);
  }
}
