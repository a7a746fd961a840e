// The guard against an upstream that suddenly lists deletes, over a real daemon.

#include <csignal>
#include <cstdlib>

#include <doctest/doctest.h>

#include "support/upstream.hpp"

using namespace recentd::test;

namespace {

using Words = std::vector<std::string>;

// The usual limit lets a thousand files go, so a small tree needs one of its own.
const bool k_long = std::getenv("RECENTD_LONG") != nullptr;
const int k_files = k_long ? 10'000 : 1'000;
const Words k_limit = k_long ? Words{} : Words{"--max-delete", "10%"};

std::string name(int i) {
  return "d" + std::to_string(i % 10) + "/f" + std::to_string(i);
}

// A mirrored tree of k_files.
struct Scene {
  explicit Scene(int files = k_files) {
    for (int i = 0; i < files; ++i) upstream.put(name(i), "x");
    upstream.init();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
  }
  // The origin loses the files [from, to) and gains one.
  void lose(int from, int to, const std::string& gained = {}) {
    for (int i = from; i < to; ++i) upstream.remove(name(i));
    if (!gained.empty()) upstream.put(gained, "x");
    upstream.announce();
  }
  // How many of the files [from, to) the mirror has.
  [[nodiscard]] int present(int from, int to) const {
    int count = 0;
    for (int i = from; i < to; ++i) count += upstream.place().exists("mirror/" + name(i)) ? 1 : 0;
    return count;
  }
  Upstream upstream;
};

void held_until_accepted(int lost) {
  Scene scene;
  scene.lose(0, lost, "new");
  for (int run = 0; run < 2; ++run) {
    const auto result = scene.upstream.mirror("mirror", k_limit);
    CHECK(result.exit_code == 8);
    CHECK(result.err.find(std::to_string(lost) + " deletes of ") != std::string::npos);
    CHECK(result.err.find("--accept-deletes") != std::string::npos);
    CHECK(scene.present(0, k_files) == k_files);
    CHECK(scene.upstream.place().exists("mirror/new"));
    CHECK(scene.upstream.place().read("mirror/RECENT-1h.yaml") ==
          scene.upstream.place().read("origin/RECENT-1h.yaml"));
  }
  auto options = k_limit;
  options.emplace_back("--accept-deletes");
  const auto accepted = scene.upstream.mirror("mirror", options);
  CHECK(accepted.exit_code == 0);
  CHECK(accepted.err == "");
  CHECK(scene.upstream.difference("mirror") == "");
}

}  // namespace

TEST_SUITE("e2e::guard") {
  TEST_CASE("deletes of the whole tree wait until they are accepted, new files do not") {
    held_until_accepted(k_files);
  }

  TEST_CASE("deletes of a fifth of the tree wait until they are accepted") {
    held_until_accepted(k_files / 5);
  }

  TEST_CASE("a small tree that loses nearly all its files has an alarm with nothing said about limits") {
    Scene scene(40);
    scene.lose(0, 39, "new");
    const auto result = scene.upstream.mirror("mirror");
    CHECK(result.exit_code == 8);
    CHECK(result.err.find("the upstream lists deletes of 39 of 41 files, half of the tree or more") !=
          std::string::npos);
    CHECK(result.err.find("--accept-deletes") != std::string::npos);
    CHECK(scene.present(0, 40) == 40);
    CHECK(scene.upstream.place().exists("mirror/new"));
    CHECK(scene.upstream.mirror("mirror", {"--accept-deletes"}).exit_code == 0);
    CHECK(scene.upstream.difference("mirror") == "");
  }

  TEST_CASE("a delete of one file of many is done at once") {
    Scene scene;
    scene.lose(7, 8);
    CHECK(scene.upstream.mirror("mirror", k_limit).exit_code == 0);
    CHECK(scene.upstream.difference("mirror") == "");
  }

  TEST_CASE("accepted are the deletes that wait; a later flood waits anew") {
    Scene scene;
    scene.lose(0, 200);
    CHECK(scene.upstream.mirror("mirror", {"--max-delete", "150"}).exit_code == 8);
    scene.lose(200, 500);
    const auto result = scene.upstream.mirror("mirror", {"--max-delete", "150", "--accept-deletes"});
    CHECK(result.exit_code == 8);
    CHECK(result.err.find("300 deletes") != std::string::npos);
    CHECK(scene.present(0, 200) == 0);
    CHECK(scene.present(200, 500) == 300);
    CHECK(scene.upstream.mirror("mirror", {"--max-delete", "150"}).exit_code == 8);
    CHECK(scene.present(200, 500) == 300);
  }

  TEST_CASE("paths that are there again do not count") {
    Scene scene;
    const Words limit = {"--max-delete", "100"};
    scene.lose(0, 300);
    CHECK(scene.upstream.mirror("mirror", limit).exit_code == 8);
    for (int i = 0; i < 295; ++i) scene.upstream.put(name(i), "reborn");
    scene.upstream.announce();
    CHECK(scene.upstream.mirror("mirror", limit).exit_code == 0);
    CHECK(scene.upstream.difference("mirror") == "");
  }

  TEST_CASE("the limit is a count, a share of the tree, or both") {
    Scene scene(100);
    scene.lose(0, 11);
    for (const auto* limit : {"10", "10%", "10.99%", "1000,10%", "10,90%"}) {
      CAPTURE(limit);
      CHECK(scene.upstream.mirror("mirror", {"--max-delete", limit}).exit_code == 8);
      CHECK(scene.present(0, 11) == 11);
    }
    for (const auto* limit : {"", "many", "10%%", "110%", "-1"})
      CHECK(scene.upstream.mirror("mirror", {"--max-delete=" + std::string(limit)}).exit_code == 2);
    CHECK(scene.upstream.mirror("mirror", {"--max-delete", "11,11%"}).exit_code == 0);
    CHECK(scene.upstream.difference("mirror") == "");
  }

  TEST_CASE("a service that holds deletes goes on, says so once, and ends with code 8") {
    Scene scene(30);
    Program mirror({RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "0.2", "--max-delete", "5", "--fsync",
                    "none", scene.upstream.url(), scene.upstream.path("mirror")});
    const auto connections = scene.upstream.server().asked();
    scene.lose(0, 20, "first");
    REQUIRE(eventually([&] { return scene.upstream.place().exists("mirror/first"); }));
    REQUIRE(eventually([&] { return scene.upstream.server().asked() > connections + 4; }));
    scene.upstream.put("second", "x");
    scene.upstream.announce();
    REQUIRE(eventually([&] { return scene.upstream.place().exists("mirror/second"); }));
    CHECK(scene.present(0, 20) == 20);
    mirror.send(SIGTERM);
    const auto result = mirror.wait(std::chrono::seconds(10));
    CHECK(result.exit_code == 8);
    const auto alarm = result.err.find("ALARM");
    CHECK(alarm != std::string::npos);
    CHECK(result.err.find("ALARM", alarm + 1) == std::string::npos);
  }

  TEST_CASE("a directory that becomes a file does not lead past the guard") {
    Upstream upstream;
    for (int i = 0; i < 30; ++i) upstream.put("d/f" + std::to_string(i), "x");
    upstream.put("other", "x");
    upstream.init();
    REQUIRE(upstream.mirror("mirror").exit_code == 0);
    upstream.remove("d");
    upstream.put("d", "a file now");
    upstream.announce();
    CHECK(upstream.mirror("mirror", {"--max-delete", "20"}).exit_code != 0);
    CHECK(upstream.place().exists("mirror/d/f29"));
    CHECK(upstream.mirror("mirror", {"--max-delete", "20", "--accept-deletes"}).exit_code == 0);
    CHECK(upstream.difference("mirror") == "");
  }
}
