// What `recentd status` says while a real chain runs, and while something is wrong with it.

#include <algorithm>
#include <csignal>
#include <optional>

#include <doctest/doctest.h>

#include "support/upstream.hpp"

using namespace recentd::test;

namespace {

struct Scene {
  Scene() {
    for (int i = 0; i < 60; ++i) upstream.put("f" + std::to_string(i), "content");
    upstream.init();
    loop.emplace(std::vector<std::string>{RECENTD_PROGRAM, "mirror", "--loop", "--ttl", "0.3",
                                          "--min-poll-interval", "0.3", "--retry-longest", "1", "--fsync",
                                          "none", upstream.url(), target()});
    REQUIRE(eventually([&] { return check().exit_code == 0; }));
  }
  [[nodiscard]] std::string target() const { return upstream.path("mirror"); }
  [[nodiscard]] ProgramResult check(const std::string& max_lag = "900") const {
    return run_program({RECENTD_PROGRAM, "status", "--check", "--max-lag", max_lag, target()});
  }
  [[nodiscard]] std::string shown() const { return run_program({RECENTD_PROGRAM, "status", target()}).out; }
  // True as soon as the check ends so and tells this.
  [[nodiscard]] bool tells(int code, const std::string& text) const {
    return eventually([&] {
      const auto result = check();
      return result.exit_code == code && result.out.find(text) != std::string::npos;
    });
  }

  Upstream upstream;
  std::optional<Program> loop;
};

}  // namespace

TEST_SUITE("e2e::status") {
  TEST_CASE("a dead upstream is named while it is dead, and nothing of it remains") {
    Scene scene;
    CHECK(scene.shown().find("follows it, since ") != std::string::npos);
    scene.upstream.server().stop();
    CHECK(scene.tells(1, "trouble for "));
    CHECK(scene.shown().find("  failed ") != std::string::npos);
    CHECK(eventually([&] { return scene.check("2").exit_code == 2; }));
    CHECK(scene.check("2").out.find("not up to date for ") != std::string::npos);
    scene.upstream.server().start();
    CHECK(scene.tells(0, "up to date "));
    CHECK(scene.shown().find("  failed ") == std::string::npos);
  }

  TEST_CASE("deletes that are held back are counted and listed until somebody accepts them") {
    Scene scene;
    for (int i = 0; i < 50; ++i) scene.upstream.remove("f" + std::to_string(i));
    scene.upstream.announce();
    CHECK(scene.tells(1, "50 deletes of 60 files held back"));
    const auto held = run_program({RECENTD_PROGRAM, "status", "--held", scene.target()});
    CHECK(std::ranges::count(held.out, '\n') == 50);
    REQUIRE(run_program({RECENTD_PROGRAM, "mirror", "--accept-deletes", scene.upstream.url(), scene.target()})
                .exit_code == 0);
    CHECK(scene.tells(0, "up to date "));
    CHECK(run_program({RECENTD_PROGRAM, "status", "--held", scene.target()}).out == "");
  }

  TEST_CASE("a mirror that nobody follows any more lags, and says that nobody does") {
    Scene scene;
    scene.loop->send(SIGTERM);
    scene.loop->wait();
    CHECK(scene.shown().find("no process follows it any more; the last one noted this ") !=
          std::string::npos);
    CHECK(eventually([&] { return scene.check("1").exit_code == 2; }));
  }
}
