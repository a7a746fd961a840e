#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::cmd_aggregate");

namespace {

struct OriginWithNews : TempTree {
  OriginWithNews() {
    write("pub/old", "x");
    set_mtime("pub/old", 1'600'000'000);
    REQUIRE(run_recentd({"init", "--aggregator", "6h,1d,Z", path("pub")}).exit_code == 0);
    write("pub/fresh", "x");
    REQUIRE(run_recentd({"update", path("pub"), "--new", "fresh"}).exit_code == 0);
  }
  [[nodiscard]] std::string newest(const std::string& interval) const {
    return events_of(path("pub/RECENT-" + interval + ".yaml")).front();
  }
};

}  // namespace

TEST_CASE("aggregate merges the principal upward, and further only what is due") {
  const OriginWithNews origin;
  const auto result = run_recentd({"aggregate", origin.path("pub")});
  CHECK(result.exit_code == 0);
  CHECK(result.out.empty());
  CHECK(result.err.empty());
  CHECK(origin.newest("6h") == "new fresh");
  CHECK(origin.newest("1d") == "new old");
}

TEST_CASE("aggregate --force merges all levels, by any name of the tree") {
  const OriginWithNews origin;
  CHECK(run_recentd({"aggregate", "--force", "-v", origin.path("pub/RECENT.recent")}).exit_code == 0);
  CHECK(origin.newest("Z") == "new fresh");
}

TEST_CASE("aggregate --dry-run names the levels and writes nothing") {
  const OriginWithNews origin;
  const auto before = everything_in(origin);
  const auto result = run_recentd({"aggregate", "--dry-run", origin.path("pub")});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out, "6h"));
  CHECK(unchanged(origin, before));
}

TEST_SUITE_END();
