#include "base/directories.hpp"

#include <doctest/doctest.h>

using namespace recentd;

TEST_SUITE("base::directories") {
  TEST_CASE("a directory holds itself and what is below it, not what only begins alike") {
    CHECK(is_inside("/srv/pub", "/srv/pub"));
    CHECK(is_inside("/srv/pub/a", "/srv/pub"));
    CHECK(is_inside("/srv", "/"));
    CHECK(is_inside("/", "/"));
    CHECK_FALSE(is_inside("/srv/public", "/srv/pub"));
    CHECK_FALSE(is_inside("/srv", "/srv/pub"));
    CHECK_FALSE(is_inside("", "/srv"));
  }

  TEST_CASE("a parent is what a new directory is made in") {
    CHECK(parent_of("/a/b") == "/a");
    CHECK(parent_of("/a") == "/");
    CHECK(parent_of("a") == ".");
    CHECK(parent_of("a/b/c") == "a/b");
  }

  TEST_CASE("slashes at the end say nothing, but for the root's") {
    CHECK(without_trailing_slash("/a/") == "/a");
    CHECK(without_trailing_slash("a//") == "a");
    CHECK(without_trailing_slash("///") == "/");
    CHECK(without_trailing_slash("") == "");
  }
}
