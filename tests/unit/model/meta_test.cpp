#include "model/meta.hpp"

#include <doctest/doctest.h>

using recentd::Meta;
using recentd::part_of;
using recentd::same_dirtymark;
using recentd::set_part_of;

TEST_SUITE("model::meta") {
  TEST_CASE("dirtymarks are equal as numbers, or as text where one is no number") {
    CHECK(same_dirtymark("1700000000.5", "1700000000.50"));
    CHECK_FALSE(same_dirtymark("1700000000.5", "1700000000.51"));
    CHECK(same_dirtymark("abc", "abc"));
    CHECK_FALSE(same_dirtymark("abc", "0"));
  }

  TEST_CASE("a part names the whole index that it is a part of, also as a part of a part") {
    Meta whole, part, smaller, unmarked;
    whole.dirtymark = "17.5";
    CHECK_FALSE(part_of(whole));
    set_part_of(part, whole);
    part.dirtymark = "20";
    CHECK(part_of(part) == "17.5");
    set_part_of(smaller, part);
    CHECK(part_of(smaller) == "17.5");
    set_part_of(smaller, unmarked);
    CHECK(part_of(smaller) == "");
  }

  TEST_CASE("a missing dirtymark equals only a missing one") {
    CHECK(same_dirtymark(std::nullopt, std::nullopt));
    CHECK_FALSE(same_dirtymark("0", std::nullopt));
    CHECK_FALSE(same_dirtymark(std::nullopt, "0"));
  }
}
