#include <csignal>

#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::cmd_lock");

namespace {

struct Pub {
  Pub() {
    REQUIRE(run_recentd({"init", root()}).exit_code == 0);
    tree.write("pub/a", "x");
    tree.write("pub/b", "x");
  }
  [[nodiscard]] std::string root() const { return tree.make_directory("pub"); }
  [[nodiscard]] ProgramResult script(const std::string& text) const {
    return run_recentd({"lock", root(), "--no-wait", "--", "sh", "-c", text, RECENTD_PROGRAM, root()});
  }
  TempTree tree;
};

}  // namespace

TEST_CASE("lock runs a command, ends as it does, and lets it use recentd as often as it likes") {
  const Pub pub;
  CHECK(pub.script("exit 7").exit_code == 7);
  const auto result = pub.script(
      "\"$0\" update \"$1\" --no-wait --new a && \"$0\" lock \"$1\" --no-wait -- "
      "\"$0\" update \"$1\" --no-wait --new b && \"$0\" aggregate \"$1\" --no-wait "
      "&& \"$0\" convert \"$1\" --no-wait --comment x && echo done");
  CHECK(result.err.empty());
  CHECK(result.out == "done\n");
  CHECK(events_of(pub.tree.path("pub/RECENT-1h.yaml")) == std::vector<std::string>{"new b", "new a"});
}

TEST_CASE("others wait as long as the command or a child of it runs, and get the lock when it is killed") {
  const Pub pub;
  Program holder({RECENTD_PROGRAM, "lock", pub.root(), "--", "sh", "-c", "sleep 60 & echo held; wait"});
  REQUIRE(eventually([&] { return holder.out() == "held\n"; }));
  const auto refused = run_recentd({"update", pub.root(), "--new", "a", "--no-wait"});
  CHECK(refused.exit_code == 5);
  CHECK(contains(refused.err, "process " + std::to_string(holder.pid())));
  CHECK(run_recentd({"lock", pub.root(), "--no-wait", "--", "true"}).exit_code == 5);
  // A number that stands for another file, or for this one without its lock, opens nothing.
  for (const char* lie : {"0", "1 2", "99", "-1", "x"})
    CHECK(
        run_recentd({"update", pub.root(), "--new", "a", "--no-wait"}, {{"RECENTD_LOCKS", lie}}).exit_code ==
        5);
  const auto other =
      run_program({"sh", "-c", "exec 7<\"$1\"; RECENTD_LOCKS=7 \"$0\" update \"$1\" --no-wait --new a",
                   RECENTD_PROGRAM, pub.root()});
  CHECK(other.exit_code == 5);
  ::kill(-holder.pid(), SIGKILL);
  holder.wait();
  CHECK(run_recentd({"update", pub.root(), "--new", "a", "--locktimeout", "5"}).exit_code == 0);
}

TEST_CASE("lock refuses a mirror's target, a tree without index, and a command that is not there") {
  const Pub pub;
  CHECK(run_recentd({"lock", pub.root()}).exit_code == 2);
  CHECK(run_recentd({"lock", pub.tree.path("nowhere"), "--", "true"}).exit_code == 3);
  const auto missing = run_recentd({"lock", pub.root(), "--", "/no/such/program"});
  CHECK(missing.exit_code == 3);
  CHECK(is_one_line(missing.err));
  pub.tree.write("pub/.recentd/state", "recentd-state 2\nsource: host::pub\n");
  CHECK(run_recentd({"lock", pub.root(), "--", "true"}).exit_code == 8);
}

TEST_SUITE_END();
