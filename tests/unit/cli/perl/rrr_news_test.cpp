#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::rrr_news");

namespace {

struct Pub {
  Pub() {
    tree.write("pub/old", "x");
    tree.set_mtime("pub/old", 1000000000);
    REQUIRE(run_recentd({"init", tree.path("pub"), "--aggregator", "Z"}).exit_code == 0);
    REQUIRE(run_recentd({"update", tree.path("pub"), "--delete", "old"}).exit_code == 0);
  }
  [[nodiscard]] ProgramResult news(std::vector<std::string> options) const {
    options.insert(options.begin(), "--local=" + tree.path("pub/RECENT.recent"));
    return run_drop_in("rrr-news", options, {{"TZ", "UTC"}});
  }
  TempTree tree;
};

}  // namespace

TEST_CASE("rrr-news prints local times and paths, every event of every level") {
  const Pub pub;
  const auto all = pub.news({});
  CHECK(all.exit_code == 0);
  CHECK(std::ranges::count(all.out, '\n') == 2);
  CHECK(all.out.ends_with("\nSun Sep  9 01:46:40 2001 old\n"));
  CHECK(pub.news({"--skip-deletes"}).out == "Sun Sep  9 01:46:40 2001 old\n");
  CHECK(pub.news({"--before", "1000000001"}).out == "Sun Sep  9 01:46:40 2001 old\n");
  CHECK(pub.news({"--after=1000000000", "--skip-deletes"}).out.empty());
  CHECK(std::ranges::count(pub.news({"--contains_path=old"}).out, '\n') == 1);
  CHECK(pub.news({"--contains_path=old", "--contains_type=new"}).out.starts_with("Sun Sep"));
  CHECK(pub.news({"--contains_epoch=1000000000", "-v"}).out.starts_with("Sun Sep"));
  CHECK(std::ranges::count(pub.news({"--max=1"}).out, '\n') == 1);
}

TEST_CASE("rrr-news spells out what a terminal would act on") {
  const Pub pub;
  const std::string name =
      "a\x1b[2J\\\xE2\x80\xAE"
      "b\nc";
  REQUIRE(run_recentd({"update", pub.tree.path("pub"), "--missing-ok", "--new", name}).exit_code == 0);
  CHECK(pub.news({"--max=1"}).out.ends_with(" a\\x1B[2J\\\\xE2\\x80\\xAEb\\x0Ac\n"));
}

TEST_CASE("rrr-news refuses operands, a dry run, and neither or both of --local and --remote") {
  const Pub pub;
  const auto operand = pub.news({"operand"});
  CHECK(operand.exit_code == 2);
  CHECK(operand.out.empty());
  CHECK(contains(operand.err, "Usage:"));
  for (const auto& result : {run_drop_in("rrr-news", {}), pub.news({"--dry-run"}),
                             pub.news({"--remote=/nowhere/RECENT.recent"}), pub.news({"--max=many"}),
                             run_drop_in("rrr-news", {"--local", pub.tree.path("none/RECENT.recent")})}) {
    CHECK(result.exit_code == 255);
    CHECK(is_one_line(result.err));
  }
}

TEST_SUITE_END();
