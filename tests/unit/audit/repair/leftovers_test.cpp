#include "audit/repair/leftovers.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::audit;
using test::TempTree;

TEST_SUITE("audit::leftovers") {
  TEST_CASE("an unfinished index file is not the next one of the same name, second and size") {
    const TempTree tree("leftovers");
    tree.write("RECENT-1h.yaml",
               "---\nmeta: {filenameroot: RECENT, interval: 1h, protocol: 1, serializer_suffix: .yaml}\n"
               "recent: []\n");
    const auto layout = open_tree(tree.path());
    const auto look = [&](const char* content, long nanoseconds) {
      tree.write("RECENT-1h.yaml.new", content);
      tree.set_mtime("RECENT-1h.yaml.new", 1'700'000'000, nanoseconds);
      return find_leftovers(layout, system_clock());
    };
    const auto first = look("half", 1);
    REQUIRE(first.size() == 1);
    CHECK(first.front().name == "RECENT-1h.yaml.new");
    CHECK(look("half", 1) == first);
    CHECK(look("half", 2) != first);
    CHECK(look("more than half", 1) != first);
  }
}
