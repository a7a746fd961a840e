#include "audit/repair/leftovers.hpp"

#include <doctest/doctest.h>

#include "recentfile/lock_directory.hpp"
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

  TEST_CASE("what an operator gave a name of ours is none of ours") {
    const TempTree tree("leftovers");
    tree.write("RECENT-1h.yaml",
               "---\nmeta: {filenameroot: RECENT, interval: 1h, protocol: 1, serializer_suffix: .yaml}\n"
               "recent: []\n");
    // A backup by date, a copy of a link that leads elsewhere, notes, a directory with something in it.
    tree.write("RECENT.recent.20240101", "x");
    tree.make_link("RECENT.recent.99999999", "elsewhere");
    tree.write(".FRMRecent-notes", "x");
    tree.write("RECENT.recent.lock.99999999.1/notes", "x");
    tree.write("RECENT-1h.yaml.lock", "x");
    tree.write("RECENT-6h.yaml.lock/process", "99999999\n");
    tree.write("RECENT-6h.yaml.lock/notes", "x");
    for (const char* name : {"RECENT.recent.20240101", ".FRMRecent-notes", "RECENT-1h.yaml.lock"})
      tree.set_mtime(name, 1'600'000'000);
    const auto layout = open_tree(tree.path());
    CHECK(find_leftovers(layout, system_clock()).empty());
    tree.make_link("RECENT.recent.99999998", "RECENT-1h.yaml");
    tree.write("RECENT.recent.lock.99999999.2/process", "");
    tree.write("RECENT-1d.yaml.lock/process", "99999999\n");
    const auto found = find_leftovers(layout, system_clock());
    CHECK(found.size() == 3);
    for (const auto& leftover : found) clear(layout, leftover);
    CHECK(find_leftovers(layout, system_clock()).empty());
    sweep_spares(tree.path(), "RECENT");
    CHECK(tree.exists("RECENT.recent.lock.99999999.1/notes"));
    CHECK(tree.exists("RECENT-6h.yaml.lock/process"));
    for (const char* name : {"RECENT.recent.20240101", "RECENT.recent.99999999", "RECENT-1h.yaml.lock"})
      CHECK((tree.exists(name) || tree.link(name)));
  }
}
