#include <filesystem>

#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::rrr_init");

TEST_CASE("rrr-init indexes with the reference's default chain; the principal's interval leads the list") {
  const TempTree tree;
  tree.write("pub/.dot", "x");
  tree.make_link("pub/link", ".dot");
  const auto result = run_drop_in("rrr-init", {tree.path("pub")});
  CHECK(result.exit_code == 0);
  CHECK(result.out.empty());
  CHECK(result.err.empty());
  auto events = events_of(tree.path("pub/RECENT-Z.yaml"));
  std::ranges::sort(events);
  CHECK(events == std::vector<std::string>{"new .dot", "new link"});
  const auto text = tree.read("pub/RECENT-1h.yaml").value_or("");
  CHECK(contains(text, "aggregator: \n    - 1h\n    - 1d\n    - 1M\n    - 1Y\n    - Z\n"));
}

TEST_CASE("rrr-init --verbose counts on stderr") {
  const TempTree tree;
  tree.write("pub/a", "x");
  const auto result = run_drop_in("rrr-init", {"-v", "--serializer_suffix", ".json", tree.path("pub")});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.err, "Found 1 files to register in 0."));
  CHECK(contains(result.err, " s. Writing to " + tree.path("pub/RECENT-1h.json") + "\n"));
  CHECK(contains(result.err, "Registered 1 files in 0."));
  CHECK(tree.link("pub/RECENT.recent") == "RECENT-1h.json");
}

TEST_CASE("rrr-init --force leaves no old level behind and indexes no bookkeeping") {
  const TempTree tree;
  tree.write("pub/a", "x");
  const Environment state = {{"XDG_STATE_HOME", tree.path("state")}, {"HOME", tree.path()}};
  REQUIRE(run_drop_in("rrr-init", {"--aggregator", "1h,6h,Z", tree.path("pub")}, state).exit_code == 0);
  const auto refused = run_drop_in("rrr-init", {"--aggregator", "1h,Z", tree.path("pub")}, state);
  CHECK(refused.exit_code == 255);
  CHECK(is_one_line(refused.err));
  const auto forced = run_drop_in("rrr-init", {"-f", "-v", "--aggregator", "1h,Z", tree.path("pub")}, state);
  CHECK(forced.exit_code == 0);
  const std::string before = "Moved the old index to ";
  REQUIRE(contains(forced.err, before));
  const auto place = forced.err.substr(forced.err.find(before) + before.size());
  const std::filesystem::path moved_to = place.substr(0, place.find('\n'));
  CHECK(std::filesystem::exists(moved_to / "RECENT-6h.yaml"));
  std::filesystem::remove_all(moved_to.parent_path());  // as root it lies in /var/lib/recentd
  CHECK_FALSE(tree.exists("pub/RECENT-6h.yaml"));
  CHECK(events_of(tree.path("pub/RECENT-Z.yaml")) == std::vector<std::string>{"new a"});
}

TEST_CASE("rrr-init of a directory that does not exist fails at once") {
  const TempTree tree;
  const auto start = std::chrono::steady_clock::now();
  const auto result = run_drop_in("rrr-init", {tree.path("nowhere")});
  CHECK(result.exit_code == 255);
  CHECK(is_one_line(result.err));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_SUITE_END();
