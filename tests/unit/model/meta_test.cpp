#include "model/meta.hpp"

#include <doctest/doctest.h>

using recentd::same_dirtymark;

TEST_SUITE("model::meta") {
  TEST_CASE("dirtymarks are equal as numbers, or as text where one is no number") {
    CHECK(same_dirtymark("1700000000.5", "1700000000.50"));
    CHECK_FALSE(same_dirtymark("1700000000.5", "1700000000.51"));
    CHECK(same_dirtymark("abc", "abc"));
    CHECK_FALSE(same_dirtymark("abc", "0"));
  }

  TEST_CASE("a missing dirtymark equals only a missing one") {
    CHECK(same_dirtymark(std::nullopt, std::nullopt));
    CHECK_FALSE(same_dirtymark("0", std::nullopt));
    CHECK_FALSE(same_dirtymark(std::nullopt, "0"));
  }
}
