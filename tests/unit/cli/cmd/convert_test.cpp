#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::cmd_convert");

namespace {

struct Pub {
  Pub() {
    tree.write("pub/a", "x");
    REQUIRE(run_recentd({"init", root()}).exit_code == 0);
  }
  [[nodiscard]] std::string root() const { return tree.path("pub"); }
  [[nodiscard]] ProgramResult convert(std::vector<std::string> options) const {
    options.insert(options.begin(), {"convert", root(), "--state", tree.path("state")});
    return run_recentd(options);
  }
  TempTree tree;
};

}  // namespace

TEST_CASE("convert changes format, levels and comment at once, and a dry run only says so") {
  const Pub pub;
  const auto before = everything_in(pub.tree);
  const std::vector<std::string> options = {"--serializer-suffix", ".json", "--aggregator", "1d,Z",
                                            "--comment",           "mine"};
  auto rehearsal = options;
  rehearsal.emplace_back("--dry-run");
  const auto told = pub.convert(rehearsal);
  CHECK(told.exit_code == 0);
  CHECK(told.out.starts_with("would write RECENT-Z.json RECENT-1d.json RECENT-1h.json, would move "));
  CHECK(unchanged(pub.tree, before));
  const auto done = pub.convert(options);
  CHECK(done.exit_code == 0);
  CHECK(done.out.empty());
  CHECK(done.err.empty());
  CHECK(pub.tree.link("pub/RECENT.recent") == "RECENT-1h.json");
  CHECK(contains(pub.tree.read("pub/RECENT-1d.json").value_or(""), "\"comment\":\"mine\""));
  CHECK(pub.tree.list("pub").size() == 5);
  CHECK(run_recentd({"update", pub.root(), "--missing-ok", "--new", "b"}).exit_code == 0);
  CHECK(events_of(pub.tree.path("pub/RECENT-1h.json")) == std::vector<std::string>{"new b", "new a"});
}

TEST_CASE("convert keeps deletes in the last level or drops them") {
  const Pub pub;
  REQUIRE(run_recentd({"update", pub.root(), "--delete", "a"}).exit_code == 0);
  CHECK(pub.convert({"--keep-delete-objects-forever"}).exit_code == 0);
  CHECK(events_of(pub.tree.path("pub/RECENT-Z.yaml")) == std::vector<std::string>{"delete a"});
  CHECK(pub.convert({"--no-keep-delete-objects-forever", "-v"}).exit_code == 0);
  CHECK_FALSE(contains(pub.tree.read("pub/RECENT-Z.yaml").value_or(""), "delete"));
}

TEST_CASE("convert refuses what makes no sense, in one line") {
  const Pub pub;
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{},
        {"--aggregator", "6h"},
        {"--serializer-suffix", ".xml"},
        {"--keep-delete-objects-forever", "--no-keep-delete-objects-forever"}}) {
    const auto result = pub.convert(options);
    CHECK(result.exit_code == 2);
    CHECK(is_one_line(result.err));
  }
  CHECK(run_recentd({"convert", pub.tree.path("nowhere"), "--comment", "x"}).exit_code == 3);
}

TEST_SUITE_END();
