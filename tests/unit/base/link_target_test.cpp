#include "base/link_target.hpp"

#include <doctest/doctest.h>

using recentd::link_stays;

TEST_SUITE("base::link_target") {
  TEST_CASE("a link stays in the tree if no point of its way lies above the root") {
    for (const auto* target : {"b", "./b", "x/../b", "..", "../b", "../.", "sub//b"}) {
      CAPTURE(target);
      CHECK(link_stays("dir/a", target));
    }
    for (const auto* target :
         {"", "/", "/etc/passwd", "../..", "../../dir/b", "x/../../../dir/b", ".././../b"}) {
      CAPTURE(target);
      CHECK_FALSE(link_stays("dir/a", target));
    }
    CHECK_FALSE(link_stays("a", ".."));
    CHECK(link_stays("d/e/a", "../../b"));
  }
}
