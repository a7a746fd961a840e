#include "upstream/shown_principal.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"
#include "unit/upstream/fake_transport.hpp"

using namespace recentd;
using namespace recentd::upstream;
using recentd::test::TempTree;
using upstream::test::index;

namespace {

std::string newest(const TempTree& tree, const char* source = "h::m") {
  const auto epoch = shown_newest(tree.path(), split_source(source));
  return epoch ? epoch->text() : "nothing";
}

}  // namespace

TEST_SUITE("upstream::shown_principal") {
  TEST_CASE("the newest event of the principal that is visible, by link or in its place") {
    TempTree tree("shown");
    CHECK(newest(tree) == "nothing");
    tree.write("RECENT-1h.yaml", index("1h", "100"));
    CHECK(newest(tree) == "nothing");
    tree.make_link("RECENT.recent", "RECENT-1h.yaml");
    CHECK(newest(tree) == "100");
    tree.write("other-1h.yaml", index("1h", "200"));
    tree.make_link("other.recent", "other-1h.yaml");
    CHECK(newest(tree) == "100");
    CHECK(newest(tree, "h::m/other.recent") == "200");
    CHECK(newest(tree, "h::m/other-1h.yaml") == "200");
    tree.remove("RECENT.recent");
    CHECK(newest(tree) == "200");
    tree.remove("other.recent");
    tree.write("other.recent", index("1h", "300"));
    CHECK(newest(tree) == "300");
  }

  TEST_CASE("what leads elsewhere, is missing or does not parse tells nothing") {
    TempTree tree("shown");
    tree.write("d/RECENT-1h.yaml", index("1h", "100"));
    tree.make_link("RECENT.recent", "d/RECENT-1h.yaml");
    CHECK(newest(tree) == "nothing");
    tree.remove("RECENT.recent");
    tree.make_link("RECENT.recent", "RECENT-1h.yaml");
    CHECK(newest(tree) == "nothing");
    tree.write("RECENT-1h.yaml", "no index");
    CHECK(newest(tree) == "nothing");
    tree.write("a.recent", "no index");
    tree.write("b.recent", "no index");
    tree.remove("RECENT.recent");
    CHECK(newest(tree) == "nothing");
  }
}
