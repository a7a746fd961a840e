// What a mirror makes of the size, time and digest in an origin's index, over a real daemon.

#include <csignal>

#include <doctest/doctest.h>

#include "support/upstream.hpp"

using namespace recentd::test;

TEST_SUITE("e2e::recorded") {
  TEST_CASE("another dirtymark moves no file, and content that is not as recorded raises the alarm") {
    Upstream upstream;
    for (int i = 0; i < 30; ++i) upstream.put("d/f" + std::to_string(i), "content " + std::to_string(i));
    upstream.init({"--record", "size,mtime,digest"});
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    const auto update = [&](const std::vector<std::string>& what) {
      std::vector<std::string> words = {"update", upstream.root(), "--record", "size,mtime,digest"};
      words.insert(words.end(), what.begin(), what.end());
      REQUIRE(run_recentd(words).exit_code == 0);
    };
    upstream.put("old", "old");
    update({"--new", "old", "--epoch", "1000000000"});
    const auto calm = upstream.mirror("mirror", {"-v"});
    CHECK(calm.exit_code == 0);
    CHECK(calm.err.find("1 file transferred, 30 unchanged") != std::string::npos);
    CHECK(upstream.difference("mirror").empty());

    upstream.put("d/f3", "CONTENT 3");
    update({"--new", "d/f3"});
    upstream.put("d/f3", "CONTENT X");
    const auto alarmed = upstream.mirror("mirror");
    CHECK(alarmed.exit_code == 0);
    CHECK(alarmed.err.find("error mirror a file's content is not what its event records") !=
          std::string::npos);

    upstream.place().make_link("rrr-client", RECENTD_PROGRAM);
    Program client({upstream.path("rrr-client"), "--source", upstream.url("RECENT.recent"), "--target",
                    upstream.path("mirror"), "--runstatusfile", upstream.path("status")});
    CHECK(eventually([&] {
      return upstream.place().read("status").value_or("").find("alarm: digest") != std::string::npos;
    }));
    client.send(SIGTERM);
    CHECK(client.wait().exit_code == 0);
  }
}
