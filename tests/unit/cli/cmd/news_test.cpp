#include <csignal>

#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::cmd_news");

namespace {

// A tree with `old` of 2001 and three events of now.
struct Pub {
  Pub() {
    tree.write("pub/old", "x");
    tree.set_mtime("pub/old", 1000000000);
    REQUIRE(run_recentd({"init", root(), "--aggregator", "Z"}).exit_code == 0);
    update({"--new", "a", "--delete", "b", "--new", "odd\nname"});
  }
  [[nodiscard]] std::string root() const { return tree.path("pub"); }
  void update(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"update", root(), "--missing-ok"});
    REQUIRE(run_recentd(arguments).exit_code == 0);
  }
  [[nodiscard]] std::string news(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"news", root()});
    const auto result = run_recentd(arguments);
    CHECK(result.exit_code == 0);
    return result.out;
  }
  TempTree tree;
};

}  // namespace

TEST_CASE("news lists the newest event of each path, newest first") {
  const Pub pub;
  const auto out = pub.news({});
  CHECK(std::count(out.begin(), out.end(), '\n') == 4);
  CHECK(contains(out, "Z new    odd\\x0Aname\n"));
  CHECK(out.find("odd") < out.find(" delete b\n"));
  CHECK(out.find(" delete b\n") < out.find(" new    a\n"));
  CHECK(out.ends_with("\n2001-09-09T01:46:40.000000Z new    old\n"));
}

TEST_CASE("news narrows by time, number, type and path") {
  const Pub pub;
  CHECK(contains(pub.news({"--before", "1000000001"}), " old\n"));
  CHECK(pub.news({"--before", "1000000000"}).empty());
  CHECK_FALSE(contains(pub.news({"--after", "1000000000"}), "old"));
  CHECK(pub.news({"--max", "1"}).ends_with("odd\\x0Aname\n"));
  CHECK_FALSE(contains(pub.news({"--skip-deletes"}), "delete"));
  CHECK(pub.news({"--contains", "path=a", "--contains", "type=delete"}).empty());
  CHECK(pub.news({"--contains", "type=delete"}).ends_with(" delete b\n"));
  CHECK(pub.news({"--contains", "epoch=1000000000.0", "--json"}) ==
        "{\"epoch\": \"1000000000\", \"time\": \"2001-09-09T01:46:40.000000Z\", \"type\": \"new\", "
        "\"path\": \"old\"}\n");
  pub.update({"--new", "old"});
  CHECK(pub.news({"--contains", "path=old"}).find('\n') == pub.news({"--contains", "path=old"}).size() - 1);
  CHECK(std::ranges::count(pub.news({"--contains", "path=old", "--all"}), '\n') == 2);
}

TEST_CASE("news takes times as people write them") {
  const Pub pub;
  CHECK_FALSE(contains(pub.news({"--since", "12h"}), " old\n"));
  CHECK(contains(pub.news({"--since", "12h"}), " new    a\n"));
  CHECK(pub.news({"--before", "2001-09-09T03:46:41+02:00"}) == "2001-09-09T01:46:40.000000Z new    old\n");
  CHECK(pub.news({"--before", "2001-09-09T01:46:40Z"}).empty());
  CHECK_FALSE(contains(pub.news({"--after", "2001-09-10"}), " old\n"));
  const auto local = run_recentd({"news", pub.root(), "--before", "2002-01-01"}, {{"TZ", "<-03>3:30"}});
  CHECK(local.out == "2001-09-08T22:16:40.000000-03:30 new    old\n");
  const auto utc =
      run_recentd({"news", pub.root(), "--before", "2002-01-01", "--utc"}, {{"TZ", "<-03>3:30"}});
  CHECK(utc.out == "2001-09-09T01:46:40.000000Z new    old\n");
  const auto refused = run_recentd({"news", pub.root(), "--since", "yesterday"});
  CHECK(refused.exit_code == 2);
  CHECK(contains(refused.err, "--since 'yesterday' is no time; write "));
  CHECK(run_recentd({"news", pub.root(), "--since", "1h", "--after", "1"}).exit_code == 2);
}

TEST_CASE("news --follow goes on with what comes until it is stopped") {
  const Pub pub;
  Program follower({RECENTD_PROGRAM, "news", pub.root(), "-f", "--max", "1", "--interval", "0.02"});
  REQUIRE(eventually([&] { return contains(follower.out(), "odd"); }));
  pub.update({"--new", "c"});
  REQUIRE(eventually([&] { return contains(follower.out(), " new    c\n"); }));
  pub.update({"--delete", "c", "--new", "d"});
  REQUIRE(eventually([&] { return contains(follower.out(), " new    d\n"); }));
  follower.send(SIGTERM);
  const auto result = follower.wait();
  CHECK(result.exit_code == 0);
  CHECK(std::ranges::count(result.out, '\n') == 4);
  CHECK(result.out.find("delete c") < result.out.find("new    d"));
}

TEST_CASE("news refuses what makes no sense, in one line") {
  const Pub pub;
  for (const std::vector<std::string>& line : {std::vector<std::string>{"--contains", "a"},
                                               {"--contains", "colour=red"},
                                               {"--max", "0"},
                                               {"--after", "soon"},
                                               {"-f", "--before", "5"},
                                               {"--interval", "1"}}) {
    auto arguments = line;
    arguments.insert(arguments.begin(), {"news", pub.root()});
    const auto result = run_recentd(arguments);
    CHECK(result.exit_code == 2);
    CHECK(is_one_line(result.err));
  }
  CHECK(run_recentd({"news", pub.tree.path("nowhere")}).exit_code == 3);
  CHECK(run_recentd({"news", pub.root(), "--filenameroot", "INDEX"}).exit_code == 3);
  CHECK(run_recentd({"news", pub.root(), "--filenameroot", "RECENT"}).exit_code == 0);
}

TEST_SUITE_END();
