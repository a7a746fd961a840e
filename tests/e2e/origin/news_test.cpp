// The news of a tree on another machine, over a real daemon.

#include <doctest/doctest.h>

#include "support/upstream.hpp"
#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE("e2e::news") {
  TEST_CASE("rrr-news --remote fetches the index files alone, into a directory that stays or passes") {
    Upstream upstream;
    upstream.put("old", "content");
    upstream.init();
    upstream.put("fresh", "content");
    upstream.announce();
    const auto local = run_drop_in("rrr-news", {"--local", upstream.root() + "/RECENT.recent"});
    const auto address = upstream.url("RECENT.recent");
    const auto passing =
        run_drop_in("rrr-news", {"--remote=" + address, "--rsync=compress=1", "--rsync=links=1"});
    CHECK(passing.err == "");
    CHECK(passing.out == local.out);
    CHECK(contains(local.out, "fresh\n"));
    const auto place = upstream.place().make_directory("place");
    for (int round = 0; round < 2; ++round)
      CHECK(run_drop_in("rrr-news", {"--remote", address, "--localroot", place}).out == local.out);
    for (const auto& name : upstream.place().list("place")) CHECK(name.starts_with("RECENT-"));
    CHECK(upstream.place().read("place/RECENT-Z.yaml") == upstream.place().read("origin/RECENT-Z.yaml"));
    CHECK(run_drop_in("rrr-news", {"--remote", upstream.url("nothing.recent"), "--localroot", place})
              .exit_code == 255);
  }

  TEST_CASE("why tells of a mirror what it has done, and what an upstream has lost") {
    Upstream upstream;
    upstream.put("here", "content");
    upstream.put("lost", "content");
    upstream.init();
    upstream.remove("lost");
    upstream.conceal();
    CHECK(upstream.mirror("mirror").exit_code == 0);
    const auto result = run_recentd({"why", upstream.path("mirror/here"), upstream.path("mirror/lost")});
    CHECK(contains(result.out, "\n  mirror of " + upstream.url()));
    CHECK(contains(result.out, "\n  on disk, as its newest event says, and mirrored\n"));
    CHECK(contains(result.out, "\n  not on disk: the upstream has not got it"));
    const auto refused =
        run_drop_in("rrr-news", {"--remote", upstream.url(), "--localroot", upstream.path("mirror")});
    CHECK(refused.exit_code == 255);
    CHECK(contains(refused.err, "is a mirror"));
  }
}
