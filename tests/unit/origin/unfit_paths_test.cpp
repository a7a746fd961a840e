#include "origin/unfit_paths.hpp"

#include <doctest/doctest.h>

using recentd::UnfitPaths;

TEST_SUITE("origin::unfit_paths") {
  TEST_CASE("what Perl's clients would take for another line or a comment is unfit") {
    for (const char* unfit : {"a\nb", "a\r", "#a", ";a", "\n"}) CHECK(UnfitPaths::is_unfit(unfit));
    for (const char* fit : {"a", "a#b", "d/#a", "d/;a", " a", "caf\xE9"})
      CHECK_FALSE(UnfitPaths::is_unfit(fit));
  }

  TEST_CASE("a directory that is known to be fit is not looked at again") {
    CHECK_FALSE(UnfitPaths::is_unfit("#d/a", 3));
    CHECK(UnfitPaths::is_unfit("d/a\nb", 2));
    CHECK_FALSE(UnfitPaths::is_unfit("d/#a", 2));
  }

  TEST_CASE("an operator is told how many there are, and the first of them") {
    UnfitPaths all, more;
    CHECK_FALSE(all.remark());
    more.note("#a");
    all.add(more);
    CHECK(all.remark()->starts_with("1 path, '#a',"));
    all.note(";b");
    CHECK(all.remark()->starts_with("2 paths, '#a' for one,"));
  }
}
