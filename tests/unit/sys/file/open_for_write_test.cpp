#include "sys/file/open_for_write.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "sys/fd.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

TEST_SUITE("sys::open_for_write") {
  TEST_CASE("a file is under way as long as somebody has it open for writing") {
    const TempDir temp;
    put(temp.path("file"), "x");
    const Dir root(temp.path());
    const auto path = *RelPath::parse("file", Bookkeeping());
    CHECK(is_open_for_write(root, path) == false);
    {
      const Fd reading(::open(temp.path("file").c_str(), O_RDONLY));
      CHECK(is_open_for_write(root, path) == false);
      const Fd writing(::open(temp.path("file").c_str(), O_WRONLY));
      CHECK(is_open_for_write(root, path) == true);
    }
    CHECK(is_open_for_write(root, path) == false);
    const Fd writing(::open(temp.path("file").c_str(), O_WRONLY | O_NONBLOCK));
    CHECK(writing.valid());
    CHECK_FALSE(is_open_for_write(root, *RelPath::parse("gone", Bookkeeping())));
  }
}
