#include "target/kept_links.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd::target;

TEST_SUITE("target::kept_links") {
  TEST_CASE("others know whether a mirror follows links, until it does not any more") {
    const recentd::test::TempTree tree("links");
    const auto place = tree.make_directory(".recentd");
    CHECK_FALSE(keeps_links(tree.path()));
    note_kept_links(place, true);
    note_kept_links(place, true);
    CHECK(keeps_links(tree.path()));
    note_kept_links(place, false);
    CHECK_FALSE(keeps_links(tree.path()));
  }
}
