#include "target/target_lock.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "support/fake_clock.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::target;

namespace {

struct Scene {
  recentd::test::TempTree tree{"lock"};
  recentd::test::FakeClock clock{1'700'000'000};
  TargetLock take() { return {"/srv/pub", tree.path(), clock}; }
};

}  // namespace

TEST_SUITE("target::target_lock") {
  TEST_CASE("the holder is noted, and found as long as it lives") {
    Scene scene;
    CHECK_FALSE(process_at_work(scene.tree.path()));
    const auto lock = scene.take();
    CHECK(lock.fd() >= 0);
    CHECK(scene.tree.read("holder") == std::to_string(::getpid()) + " 1700000000\n");
    CHECK(process_at_work(scene.tree.path()) == ::getpid());
    scene.tree.write("holder", "999999999 1\n");
    CHECK_FALSE(process_at_work(scene.tree.path()));
    scene.tree.write("holder", "no number");
    CHECK_FALSE(process_at_work(scene.tree.path()));
  }

  TEST_CASE("who comes second is told who holds it, and since when") {
    Scene scene;
    const auto lock = scene.take();
    scene.clock.set(1'700'000'090);
    CHECK_THROWS_WITH_AS(scene.take(), doctest::Contains("since 2023-11-14T22:13:20Z, for 90 s"), Error);
    CHECK_THROWS_WITH_AS(scene.take(), doctest::Contains("target '/srv/pub' is being mirrored"), Error);
  }

  TEST_CASE("a living holder is not waited for, the children of a dead one for half a minute") {
    Scene scene;
    const auto lock = scene.take();
    const auto waited = [&](const std::string& holder) {
      scene.tree.write("holder", holder);
      const auto start = scene.clock.steady();
      CHECK_THROWS_AS(scene.take(), Error);
      return scene.clock.steady() - start;
    };
    CHECK(waited(std::to_string(::getppid()) + " 1\n") == std::chrono::seconds(0));
    CHECK(waited(std::to_string(::getpid()) + " 1\n") == std::chrono::seconds(5));
    CHECK(waited("999999999 1\n") == std::chrono::seconds(30));
  }

  TEST_CASE("a lock that was let go is free") {
    Scene scene;
    { const auto lock = scene.take(); }
    CHECK_NOTHROW(scene.take());
  }
}
