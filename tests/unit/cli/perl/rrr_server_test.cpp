#include <filesystem>

#include <signal.h>

#include "origin/old_set.hpp"
#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("cli::rrr_server");

TEST_CASE("rrr-server registers what happens and tells it in the reference's lines") {
  const TempTree tree("server");
  tree.write("old", "1");
  REQUIRE(run_drop_in("rrr-init", {tree.path()}).exit_code == 0);
  const TempTree bin("bin");
  bin.make_link("rrr-server", RECENTD_PROGRAM);
  Program server({bin.path("rrr-server"), "-v", tree.path("RECENT.recent")},
                 {{"XDG_STATE_HOME", bin.path()}});
  const auto told = [&](const std::string& line) {
    return eventually([&] { return server.err().find(line) != std::string::npos; });
  };
  REQUIRE(told("tree is watched"));
  tree.write("d/new", "1");
  tree.make_link("link", "old");
  tree.remove("old");
  CHECK(told("] Updatefile d/new (IN_CLOSE_WRITE)\n"));
  CHECK(told("] Updatelink link (IN_CREATE)\n"));
  CHECK(told("] Deleteobj  old (IN_DELETE)\n"));
  tree.write("d/later", "1");
  CHECK(told("] Updatefile d/later ("));
  // rrr-init's list of levels begins with the principal's, which is said once.
  const auto text = server.err();
  const auto remark = text.find("1h is left out");
  CHECK(remark != std::string::npos);
  CHECK(text.find("1h is left out", remark + 1) == std::string::npos);
  CHECK(eventually([&] { return contains(*tree.read("RECENT-1h.yaml"), "d/new"); }));
  server.send(SIGTERM);
  CHECK(server.wait(std::chrono::seconds(10)).exit_code == 0);
  // As root it has its state in the machine's place.
  std::filesystem::remove_all(recentd::state_directory(tree.path(), ""));
}

TEST_CASE("rrr-server ends where there is no index, and answers a wrong line with its usage") {
  const TempTree tree("server");
  CHECK(run_drop_in("rrr-server", {tree.path("RECENT.recent")}).exit_code == 255);
  CHECK(run_drop_in("rrr-server", {}).exit_code == 1);
  CHECK(contains(run_drop_in("rrr-server", {"--nonsense", "x"}).out, "rrr-server [options] principalfile"));
}

TEST_SUITE_END();
