#include "sys/tree/mounts.hpp"

#include <doctest/doctest.h>

using namespace recentd::sys;
using Paths = std::vector<std::string>;

TEST_SUITE("sys::mounts") {
  TEST_CASE("what is mounted below a directory is told relative to it, whatever its name is") {
    const char* const text =
        "22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/sda rw\n"
        "30 22 0:30 / /srv/pub rw - tmpfs none rw\n"
        "31 30 0:31 / /srv/pub/a\\040b\\012c\\134d rw - tmpfs none rw\n"
        "32 30 0:32 / /srv/pub/m/n rw - tmpfs none rw\n"
        "33 22 0:33 / /srv/public rw - tmpfs none rw\n"
        "34 22 cut";
    CHECK(parse_mounts(text, "/srv/pub") == Paths{"a b\nc\\d", "m/n"});
    CHECK(parse_mounts(text, "/srv/pub/m") == Paths{"n"});
    CHECK(parse_mounts(text, "/").size() == 4);
    CHECK(parse_mounts("", "/").empty());
  }

  TEST_CASE("the kernel tells of its own") {
    CHECK_FALSE(mounts_below("/").empty());
  }
}
