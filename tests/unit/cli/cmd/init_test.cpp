#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::cmd_init");

namespace {

struct SmallTree : TempTree {
  SmallTree() {
    write("pub/a", "one");
    write("pub/d/b", "two");
    set_mtime("pub/a", 1'600'000'000);
    set_mtime("pub/d/b", 1'600'000'500);
  }
  [[nodiscard]] std::string root() const { return path("pub"); }
};

}  // namespace

TEST_CASE("init indexes a tree, silently, in the levels of the default chain") {
  const SmallTree tree;
  const auto result = run_recentd({"init", tree.root()});
  CHECK(result.exit_code == 0);
  CHECK(result.out.empty());
  CHECK(result.err.empty());
  CHECK(tree.link("pub/RECENT.recent") == "RECENT-1h.yaml");
  CHECK(events_of(tree.path("pub/RECENT-Z.yaml")) == std::vector<std::string>{"new d/b", "new a"});
  for (const char* interval : {"1h", "6h", "1d", "1W", "1M", "1Q", "1Y", "Z"}) {
    CAPTURE(interval);
    CHECK(tree.exists(std::string("pub/RECENT-") + interval + ".yaml"));
  }
}

TEST_CASE("init takes its settings from the options") {
  const SmallTree tree;
  const auto result = run_recentd({"init", "--interval=2h", "--aggregator", "1d, Z", "--filenameroot",
                                   "INDEX", "--serializer-suffix", ".json", "--comment", "my files",
                                   "--canonize", "naive_path_normalize", "-v", tree.root()});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out, "2 files"));
  CHECK(tree.link("pub/INDEX.recent") == "INDEX-2h.json");
  CHECK(tree.exists("pub/INDEX-1d.json"));
  CHECK(tree.exists("pub/INDEX-Z.json"));
  const auto text = tree.read("pub/INDEX-2h.json").value_or("");
  CHECK(contains(text, "my files"));
  CHECK(contains(text, "naive_path_normalize"));
}

TEST_CASE("init refuses an existing index and says how to go on; --force moves it away") {
  const SmallTree tree;
  REQUIRE(run_recentd({"init", tree.root()}).exit_code == 0);
  const auto before = everything_in(tree);
  const auto refused = run_recentd({"init", tree.root()});
  CHECK(refused.exit_code == 8);
  CHECK(is_one_line(refused.err));
  CHECK(contains(refused.err, "--force"));
  CHECK(unchanged(tree, before));
  tree.write("pub/c", "three");
  const auto forced = run_recentd({"init", "--force", "--state", tree.path("state"), tree.root()});
  CHECK(forced.exit_code == 0);
  CHECK(events_of(tree.path("pub/RECENT-Z.yaml")).size() == 3);
  const auto kept = tree.list("state");
  CHECK(std::ranges::any_of(kept, [](const auto& name) { return name.ends_with("RECENT-1h.yaml"); }));
}

TEST_CASE("init --dry-run reports and writes nothing") {
  const SmallTree tree;
  const auto result = run_recentd({"init", "--dry-run", tree.root()});
  CHECK(result.exit_code == 0);
  CHECK(contains(result.out, "would index 2 files"));
  CHECK(tree.list("pub") == std::vector<std::string>{"a", "d/", "d/b"});
}

TEST_CASE("init refuses intervals that make no chain, and nothing changes") {
  const SmallTree tree;
  const std::vector<std::vector<std::string>> bad = {{"--interval", "1w"},
                                                     {"--aggregator", "6h,1x,Z"},
                                                     {"--interval", "60m", "--aggregator", "1h,Z"},
                                                     {"--aggregator", "6h,360m,Z"},
                                                     {"--aggregator", "6h,1d"},
                                                     {"--serializer-suffix", ".xml"},
                                                     {"--canonize", "mine"},
                                                     {"--filenameroot", "a/b"},
                                                     {"--fsync", "some"}};
  for (const auto& options : bad) {
    std::vector<std::string> line = {"init", tree.root()};
    line.insert(line.end(), options.begin(), options.end());
    const auto result = run_recentd(line);
    CAPTURE(result.err);
    CHECK(result.exit_code == 2);
    CHECK(is_one_line(result.err));
    CHECK(tree.list("pub") == std::vector<std::string>{"a", "d/", "d/b"});
  }
  CHECK(run_recentd({"init", tree.root(), "--aggregator", "6h,1d", "--no-z"}).exit_code == 0);
}

TEST_CASE("init keeps deletes in Z if it is told to") {
  const SmallTree tree;
  REQUIRE(run_recentd({"init", "--aggregator", "Z", tree.root()}).exit_code == 0);
  REQUIRE(run_recentd({"update", tree.root(), "--delete", "a"}).exit_code == 0);
  REQUIRE(run_recentd({"aggregate", "--keep-delete-objects-forever", tree.root()}).exit_code == 0);
  CHECK(events_of(tree.path("pub/RECENT-Z.yaml")).front() == "delete a");
}

TEST_SUITE_END();
