#include <chrono>
#include <csignal>
#include <fstream>

#include <sys/stat.h>

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

TEST_CASE("a mirror that follows waits behind its pass while a command has the lock, others are refused") {
  const Pub pub;
  const auto copy = pub.tree.path("copy"), fifo = pub.tree.path("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  Program loop({RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "0.1", "--min-poll-interval", "0.1", "--fsync",
                "none", pub.root(), copy});
  REQUIRE(eventually([&] { return pub.tree.exists("copy/RECENT-1h.yaml"); }));
  Program held({RECENTD_PROGRAM, "lock", copy, "--", "sh", "-c", "echo held; read x <'" + fifo + "'"});
  REQUIRE(eventually([&] { return held.out() == "held\n"; }));
  REQUIRE(run_recentd({"update", pub.root(), "--new", "a"}).exit_code == 0);
  CHECK(run_recentd({"lock", copy, "--no-wait", "--", "true"}).exit_code == 5);
  CHECK(run_recentd({"mirror", pub.root(), copy}).exit_code == 5);
  CHECK_FALSE(eventually([&] { return pub.tree.exists("copy/a"); }, std::chrono::seconds(1)));
  std::ofstream(fifo) << "on\n";
  held.wait();
  CHECK(eventually([&] { return pub.tree.exists("copy/a"); }));
}

TEST_CASE("lock of a target where no mirror is at work keeps all out but what it runs itself") {
  const Pub pub;
  const auto copy = pub.tree.path("copy");
  REQUIRE(run_recentd({"mirror", pub.root(), copy}).exit_code == 0);
  const auto result =
      run_recentd({"lock", copy, "--", "sh", "-c",
                   "\"$0\" mirror \"$1\" \"$2\" && env -u RECENTD_LOCKS \"$0\" mirror \"$1\" \"$2\"",
                   RECENTD_PROGRAM, pub.root(), copy});
  CHECK(result.exit_code == 5);
  CHECK(contains(result.err, "one process at a time works on a target"));
  CHECK(run_recentd({"mirror", pub.root(), copy}).exit_code == 0);
}

TEST_CASE("lock refuses a tree without index, and a command that is not there") {
  const Pub pub;
  CHECK(run_recentd({"lock", pub.root()}).exit_code == 2);
  CHECK(run_recentd({"lock", pub.tree.path("nowhere"), "--", "true"}).exit_code == 3);
  const auto missing = run_recentd({"lock", pub.root(), "--", "/no/such/program"});
  CHECK(missing.exit_code == 3);
  CHECK(is_one_line(missing.err));
}

TEST_SUITE_END();
