#include "audit/linked_names.hpp"

#include <chrono>
#include <filesystem>

#include <doctest/doctest.h>

#include "audit/comparison.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::audit;

TEST_SUITE("audit::linked_names") {
  TEST_CASE("an event is stale if the file is newer, and another name's event tells of that") {
    CHECK(is_stale(1000, 2000, 2000));
    CHECK(is_stale(1000, 1999, 2000));
    CHECK_FALSE(is_stale(1000, 1000, 2000));  // nobody told of it
    CHECK_FALSE(is_stale(1999, 2000, 2000));  // within the clocks' exactness
    CHECK_FALSE(is_stale(1000, 2000, 900));   // one that keeps its time is no news
  }

  TEST_CASE("an inode that was met is known, and hardly another one") {
    InodeSieve sieve(10'000);
    int wrong = 0;
    for (std::uint64_t inode = 1; inode <= 10'000; ++inode) wrong += sieve.met_before(inode) ? 1 : 0;
    CHECK(wrong < 200);
    for (std::uint64_t inode = 1; inode <= 10'000; ++inode) REQUIRE(sieve.met_before(inode));
  }

  TEST_CASE(
      "of a file that was written and told under one name, the other name is found, as long as it is so") {
    const test::TempTree tree("linked");
    for (const char* name : {"a", "single"}) tree.write(name, "x");
    std::filesystem::create_directory(tree.path("d"));
    std::filesystem::create_hard_link(tree.path("a"), tree.path("d/b"));
    std::filesystem::create_hard_link(tree.path("a"), tree.path("unknown"));
    tree.write("RECENT-1h.yaml",
               "--- \nmeta: \n  filenameroot: RECENT\n  interval: 1h\n  protocol: '1'\n  serializer_suffix: "
               ".yaml\nrecent: \n"
               "  - \n    epoch: '3000'\n    path: a\n    type: new\n"
               "  - \n    epoch: '2000'\n    path: d/b\n    type: new\n"
               "  - \n    epoch: '1000'\n    path: single\n    type: new\n");
    for (const char* name : {"a", "single"}) tree.set_mtime(name, 2990);
    Findings findings(10);
    IndexView view({tree.path(), "RECENT", ".yaml", {*Interval::parse("1h")}, {}}, Extent::whole, findings);
    const sys::Dir root(tree.path());
    const Bookkeeping names("RECENT");
    const auto changed = [&] {
      ComparisonOptions options;
      options.now_ns = std::chrono::system_clock::now().time_since_epoch().count();
      std::vector<Suspect> all;
      for (auto& suspect : compare(root, names, view, options).suspects)
        if (suspect.check == Check::changed) all.push_back(std::move(suspect));
      return all;
    };
    const auto found = changed();
    REQUIRE(found.size() == 1);
    CHECK(found[0].path == "d/b");
    CHECK(found[0].other == "a");
    CHECK(is_still_stale(root, names, view, "d/b", "a"));
    CHECK_FALSE(is_still_stale(root, names, view, "single", "a"));
    tree.remove("d/b");
    tree.write("d/b", "a file of its own");
    CHECK_FALSE(is_still_stale(root, names, view, "d/b", "a"));
    CHECK(changed().empty());
  }
}
