#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::rrr_aggregate");

TEST_CASE("rrr-aggregate merges upward, silently; --force goes to the top") {
  const TempTree tree;
  tree.write("pub/old", "x");
  REQUIRE(run_drop_in("rrr-init", {"--aggregator=1h,1d,1M,Z", tree.path("pub")}).exit_code == 0);
  const auto principal = tree.path("pub/RECENT-1h.yaml");
  REQUIRE(run_drop_in("rrr-update", {principal, "fresh"}).exit_code == 0);
  const auto result = run_drop_in("rrr-aggregate", {"--locktimeout", "5", principal});
  CHECK(result.exit_code == 0);
  CHECK(result.out.empty());
  CHECK(result.err.empty());
  CHECK(events_of(tree.path("pub/RECENT-1d.yaml")).front() == "new fresh");
  CHECK(events_of(tree.path("pub/RECENT-Z.yaml")).front() == "new old");
  CHECK(run_drop_in("rrr-aggregate", {"--force", principal}).exit_code == 0);
  CHECK(events_of(tree.path("pub/RECENT-Z.yaml")).front() == "new fresh");
}

TEST_CASE("rrr-aggregate refuses a dry run, and a file that is not there") {
  const TempTree tree;
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"--dry-run", tree.path("RECENT-1h.yaml")}, {tree.path("RECENT-1h.yaml")}}) {
    const auto result = run_drop_in("rrr-aggregate", line);
    CHECK(result.exit_code == 255);
    CHECK(is_one_line(result.err));
  }
}

TEST_CASE("rrr-aggregate --locktimeout gives up on a lock that is held") {
  const TempTree tree;
  tree.write("pub/a", "x");
  REQUIRE(run_drop_in("rrr-init", {tree.path("pub")}).exit_code == 0);
  tree.write("pub/RECENT-1h.yaml.lock/process", std::to_string(::getpid()) + "\n");
  const auto result = run_drop_in("rrr-aggregate", {"--locktimeout=0", tree.path("pub/RECENT-1h.yaml")});
  CHECK(result.exit_code == 255);
  CHECK(is_one_line(result.err));
}

TEST_SUITE_END();
