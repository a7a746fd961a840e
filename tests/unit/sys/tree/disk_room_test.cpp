#include "sys/tree/disk_room.hpp"

#include <cerrno>

#include <doctest/doctest.h>

#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd::sys;
using namespace recentd::sys::test;

TEST_SUITE("sys::disk_room") {
  TEST_CASE("room is scarce where few bytes or files are free, or nothing can be written") {
    constexpr std::uint64_t k_gib = std::uint64_t{1} << 30;
    CHECK_FALSE(is_scarce({100 * k_gib, 50 * k_gib, 1000, 500, false}));
    CHECK_FALSE(is_scarce({100 * k_gib, 50 * k_gib, 0, 0, false}));
    CHECK(is_scarce({100 * k_gib, 50 * k_gib, 1000, 500, true}));
    CHECK(is_scarce({100 * k_gib, 4 * k_gib, 1000, 500, false}));
    CHECK(is_scarce({k_gib, k_gib / 32, 1000, 500, false}));
    CHECK(is_scarce({100 * k_gib, 50 * k_gib, 1000, 0, false}));
  }

  TEST_CASE("a directory that cannot be looked at is in trouble") {
    const TempDir temp;
    CHECK(bytes_free(temp.path()) > 0);
    CHECK(bytes_free(temp.path("gone")) == 0);
    CHECK(has_disk_trouble(temp.path("gone")));
    const Failing hook("statvfs", EIO);
    CHECK(has_disk_trouble(temp.path()));
  }
}
