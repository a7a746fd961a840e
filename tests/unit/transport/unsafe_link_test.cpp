#include "transport/unsafe_link.hpp"

#include <doctest/doctest.h>

using recentd::transport::is_unsafe_link;

TEST_SUITE("transport::unsafe_link") {
  TEST_CASE("a link is unsafe if it leads above the root, or may") {
    for (const char* text : {"b", "./b", "sub/b", "sub//b", ".", "..b", "a..", "...", "../top"})
      CHECK_FALSE(is_unsafe_link("d/link", text));
    for (const char* text :
         {"", "/", "/etc/passwd", "../..", "../../x", "sub/../../x", "sub/../x", "sub/..", "./../x"})
      CHECK(is_unsafe_link("d/link", text));
    CHECK(is_unsafe_link("link", "../x"));
    CHECK(is_unsafe_link("link", ".."));
    CHECK_FALSE(is_unsafe_link("a/b/c/link", "../../../x"));
    CHECK(is_unsafe_link("a/b/c/link", "../../../../x"));
  }
}
