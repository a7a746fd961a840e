#include <filesystem>

#include "unit/cli/cli_test.hpp"

using namespace recentd::test;
namespace fs = std::filesystem;

TEST_SUITE_BEGIN("cli::cmd_status");

namespace {

struct Pub {
  Pub() {
    for (int i = 0; i < 60; ++i) tree.write("pub/f" + std::to_string(i), "content");
    REQUIRE(run_recentd({"init", tree.path("pub"), "--aggregator", "Z"}).exit_code == 0);
  }
  [[nodiscard]] auto mirror() const { return run_recentd({"mirror", tree.path("pub"), tree.path("copy")}); }
  [[nodiscard]] auto status(std::vector<std::string> words) const {
    words.insert(words.begin(), "status");
    return run_recentd(words);
  }
  TempTree tree;
};

}  // namespace

TEST_CASE("status of a mirror that works by cron, and of its origin") {
  const Pub pub;
  REQUIRE(pub.mirror().exit_code == 0);
  const auto result = pub.status({pub.tree.path("copy"), pub.tree.path("pub")});
  CHECK(result.exit_code == 0);
  CHECK(result.out.starts_with(pub.tree.path("copy") + ": up to date "));
  CHECK(contains(result.out, "\n  mirror of " + pub.tree.path("pub") + ", last answer "));
  CHECK(contains(result.out, "\n" + pub.tree.path("pub") + ": an origin\n  newest event "));
  const auto json = pub.status({"--json", pub.tree.path("copy")});
  CHECK(json.out.starts_with("{\"name\": "));
  CHECK(contains(json.out, "\"kind\": \"mirror\", \"health\": \"OK\""));
  CHECK(contains(json.out, "\"follows\": false, \"up_to_date\": true"));
}

TEST_CASE("status --openmetrics is text or a file for Prometheus") {
  const Pub pub;
  REQUIRE(pub.mirror().exit_code == 0);
  const auto copy = pub.tree.path("copy");
  const auto shown = pub.status({"--openmetrics", copy, pub.tree.path("pub")});
  CHECK(shown.exit_code == 0);
  CHECK(contains(shown.out, "recentd_tree_up_to_date{tree=\"" + copy + "\",kind=\"mirror\"} 1\n"));
  CHECK(
      contains(shown.out, "recentd_tree_health{tree=\"" + pub.tree.path("pub") + "\",kind=\"origin\"} 0\n"));
  CHECK(shown.out.ends_with("\n# EOF\n"));
  const auto file = pub.tree.path("recentd.prom");
  const auto written = pub.status({"--openmetrics", "-o", file, copy});
  CHECK(written.exit_code == 0);
  CHECK(written.out.empty());
  CHECK(pub.tree.read("recentd.prom").value_or("").ends_with("\n# EOF\n"));
  CHECK(pub.status({"-o", file, copy}).exit_code == 2);
}

// Each metric that the rules ask for is one that is written.
TEST_CASE("conf/prometheus-rules.yaml asks for what there is") {
  const auto rules = read_file(RECENTD_SOURCE_DIR "/conf/prometheus-rules.yaml").value();
  const auto code = read_file(RECENTD_SOURCE_DIR "/src/audit/status/status_metrics.cpp").value();
  constexpr std::string_view k_prefix = "recentd_tree_";
  std::size_t asked = 0;
  for (auto at = rules.find(k_prefix); at != std::string::npos; at = rules.find(k_prefix, at + 1)) {
    const auto begin = at + k_prefix.size();
    const auto name =
        rules.substr(begin, rules.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", begin) - begin);
    CAPTURE(name);
    CHECK(contains(code, "\"" + name + "\""));
    ++asked;
  }
  CHECK(asked > 5);
}

TEST_CASE("status --check is a line and a code for monitoring") {
  const Pub pub;
  REQUIRE(pub.mirror().exit_code == 0);
  const auto copy = pub.tree.path("copy");
  const auto good = pub.status({"--check", copy});
  CHECK(good.exit_code == 0);
  CHECK(good.out.starts_with("RECENTD OK - " + copy + " up to date "));
  CHECK(contains(good.out, " | '" + copy + "_lag'="));
  CHECK(contains(good.out, "s;;900;0 '" + copy + "_age'="));
  fs::rename(pub.tree.path("pub"), pub.tree.path("away"));
  CHECK(pub.mirror().exit_code != 0);
  const auto troubled = pub.status({"--check", copy});
  CHECK(troubled.exit_code == 1);
  CHECK(troubled.out.starts_with("RECENTD WARNING - " + copy + " trouble for "));
  CHECK(contains(troubled.out, pub.tree.path("pub")));
  CHECK(contains(pub.status({copy}).out, "\n  failed 1 time since "));
  const auto old = pub.status({"--check", "--max-age", "0", copy, pub.tree.path("away")});
  CHECK((old.exit_code == 2 || contains(old.out, "_age'=0s")));
  CHECK(pub.status({"--check", pub.tree.path("nowhere")}).exit_code == 3);
  fs::rename(pub.tree.path("away"), pub.tree.path("pub"));
  REQUIRE(pub.mirror().exit_code == 0);
  CHECK(pub.status({"--check", copy}).exit_code == 0);
}

TEST_CASE("status lists the deletes that wait for somebody") {
  const Pub pub;
  REQUIRE(pub.mirror().exit_code == 0);
  std::vector<std::string> gone = {"update", pub.tree.path("pub")};
  for (int i = 0; i < 50; ++i) {
    const auto name = "f" + std::to_string(i);
    fs::remove(pub.tree.path("pub/" + name));
    gone.insert(gone.end(), {"--delete", name});
  }
  REQUIRE(run_recentd(gone).exit_code == 0);
  CHECK(pub.mirror().exit_code == 8);
  const auto copy = pub.tree.path("copy");
  CHECK(pub.status({"--check", copy}).exit_code == 1);
  CHECK(contains(pub.status({copy}).out, "50 deletes of 60 files held back; `recentd status --held " + copy));
  const auto held = pub.status({"--held", copy});
  CHECK(held.exit_code == 0);
  CHECK(std::ranges::count(held.out, '\n') == 50);
  CHECK(contains(held.out, "Z f49\n"));
}

TEST_CASE("status finds trees by the names of the configuration") {
  const Pub pub;
  REQUIRE(pub.mirror().exit_code == 0);
  const auto file = pub.tree.write("recentd.yaml", "mirrors:\n  cpan:\n    source: " + pub.tree.path("pub") +
                                                       "\n    target: " + pub.tree.path("copy") + "\n");
  CHECK(pub.status({"-c", file, "cpan"}).out.starts_with(pub.tree.path("copy") + ": up to date "));
  CHECK(contains(pub.status({"-c", file, "--check"}).out, "RECENTD OK - cpan up to date"));
  const auto unknown = pub.status({"-c", file, "cpam"});
  CHECK(unknown.exit_code == 2);
  CHECK(contains(unknown.err, "'cpam' is no directory, and no tree of the configuration"));
}

TEST_SUITE_END();
