#include "support/tools/rsync_daemon.hpp"

#include <doctest/doctest.h>

using namespace recentd::test;

TEST_SUITE_BEGIN("support::rsync_daemon");

TEST_CASE("a daemon serves its module, and wants the password where one is set") {
  const TempTree tree;
  tree.write("pub/a", "one");
  const RsyncDaemon daemon({{.name = "open", .path = tree.path("pub")},
                            {.name = "shut", .path = tree.path("pub"), .user = "ann", .password = "secret"}});
  const auto fetch = [&](const std::string& url, const Environment& environment) {
    return run_program({"rsync", "-t", url + "/a", tree.path("got")}, environment).exit_code;
  };
  CHECK(fetch(daemon.url("open"), {}) == 0);
  CHECK(tree.read("got") == "one");
  CHECK(daemon.connections() == 1);
  const auto port = std::to_string(daemon.port());
  CHECK(fetch("rsync://ann@127.0.0.1:" + port + "/shut", {{"RSYNC_PASSWORD", "wrong"}}) == 5);
  CHECK(fetch("rsync://ann@127.0.0.1:" + port + "/shut", {{"RSYNC_PASSWORD", "secret"}}) == 0);
}

TEST_CASE("a stopped daemon is gone, a started one answers on the same port") {
  const TempTree tree;
  tree.write("a", "x");
  RsyncDaemon daemon({{.name = "m", .path = tree.path()}});
  const auto list = [&] { return run_program({"rsync", daemon.url("m") + "/"}); };
  daemon.stop();
  CHECK(list().exit_code == 10);
  daemon.start();
  const auto result = list();
  CHECK(result.exit_code == 0);
  CHECK(result.out.find(" a\n") != std::string::npos);
}

TEST_SUITE_END();
