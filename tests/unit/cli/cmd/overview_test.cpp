#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::cmd_overview");

namespace {

struct Pub {
  Pub() {
    tree.write("pub/old", "x");
    tree.set_mtime("pub/old", 1000000000);
    REQUIRE(run_recentd({"init", tree.path("pub"), "--aggregator", "1d,Z"}).exit_code == 0);
    REQUIRE(
        run_recentd({"update", tree.path("pub"), "--missing-ok", "--new", "a", "--delete", "b"}).exit_code ==
        0);
  }
  [[nodiscard]] std::string overview(const std::vector<std::string>& options) const {
    std::vector<std::string> line = {"overview", tree.path("pub")};
    line.insert(line.end(), options.begin(), options.end());
    const auto result = run_recentd(line);
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    return result.out;
  }
  TempTree tree;
};

}  // namespace

TEST_CASE("overview is a table of the levels; --verbose adds counts and times") {
  const Pub pub;
  const auto brief = pub.overview({});
  CHECK(brief.starts_with("Ival Cnt "));
  CHECK(contains(brief, "Cloud\n"));
  CHECK(contains(brief, "\n  1h   3 "));
  CHECK(contains(brief, "\n   Z   1 "));
  const auto verbose = pub.overview({"-v"});
  CHECK(verbose.starts_with("Ival Cnt New Delete "));
  CHECK(contains(verbose, "\n  1h   3   2      1 "));
}

TEST_CASE("overview --json has an object for each level") {
  const Pub pub;
  const auto out = pub.overview({"--json"});
  CHECK(
      out.starts_with("{\"interval\": \"1h\", \"file\": \"RECENT-1h.yaml\", \"seconds\": 3600, "
                      "\"events\": 3, \"new\": 2, \"delete\": 1, \"max\": \"1"));
  CHECK(contains(out,
                 "\n{\"interval\": \"Z\", \"file\": \"RECENT-Z.yaml\", \"events\": 1, \"new\": 1, "
                 "\"delete\": 0, \"max\": \"1000000000\", \"min\": \"1000000000\", \"dirtymark\": \""));
}

TEST_CASE("overview of a tree without index ends with code 3") {
  const TempTree tree;
  const auto result = run_recentd({"overview", tree.path()});
  CHECK(result.exit_code == 3);
  CHECK(is_one_line(result.err));
}

TEST_CASE("rrr-overview prints the reference's table, of RECENT.recent here if nothing is named") {
  const Pub pub;
  const auto principal = pub.tree.path("pub/RECENT-1h.yaml");
  CHECK(run_drop_in("rrr-overview", {principal}).out == pub.overview({}));
  CHECK(contains(run_drop_in("rrr-overview", {"-v", principal}).out, " Dirtymark "));
  const TempTree bin;
  bin.make_link("rrr-overview", RECENTD_PROGRAM);
  const auto here =
      run_program({"sh", "-c", "cd \"$0\" && exec \"$1\"", pub.tree.path("pub"), bin.path("rrr-overview")});
  CHECK(here.exit_code == 0);
  CHECK(here.out == pub.overview({}));
  for (const auto& wrong : {run_program({"sh", "-c", "cd / && exec \"$0\"", bin.path("rrr-overview")}),
                            run_drop_in("rrr-overview", {principal, principal})}) {
    CHECK(wrong.exit_code == 2);
    CHECK(wrong.out.empty());
    CHECK(contains(wrong.err, "Usage:"));
  }
}

TEST_SUITE_END();
