#include "service/status_observer.hpp"

#include <doctest/doctest.h>

#include <recentd/mirror.hpp>

#include "support/fake_clock.hpp"

using namespace recentd;
using namespace recentd::service;

namespace {

struct Scene {
  recentd::test::FakeClock clock{1'700'000'000};
  StatusBoard board;
  StatusObserver observer{VerboseObserver::Output::nothing, "/srv/pub", "", board, clock};

  [[nodiscard]] TreeStatus now() const { return board.read(); }
};

}  // namespace

TEST_SUITE("service::status_observer") {
  TEST_CASE("a tree is at work until its poll has ended") {
    Scene scene;
    scene.observer.index_fetched("RECENT-1h.yaml", true);
    CHECK(scene.now().state == TreeState::working);
    scene.observer.batch_started("1h", 3);
    scene.observer.file_synced("1h", "a", false);
    scene.observer.file_synced("1h", "b", true);
    scene.observer.file_deleted("1h", "c");
    CHECK(scene.now().state == TreeState::working);
    MirrorReport report;
    report.up_to_date = true;
    scene.clock.set(1'700'000'050);
    scene.observer.poll_ended(report);
    const auto status = scene.now();
    CHECK(status.state == TreeState::waiting);
    CHECK(status.synced == 2);
    CHECK(status.deleted == 1);
    CHECK(status.rounds == 1);
    CHECK(status.up_to_date);
    CHECK(status.last_good == scene.clock.now());
  }

  TEST_CASE("a poll with trouble is no good one, and the next good one forgets it") {
    Scene scene;
    for (int round = 1; round <= 2; ++round) {
      scene.observer.trouble("down");
      scene.observer.poll_ended({});
      CHECK(scene.now().state == TreeState::retrying);
      CHECK(scene.now().failures == static_cast<std::uint64_t>(round));
    }
    CHECK(scene.now().message == "down");
    CHECK_FALSE(scene.now().last_good);
    scene.observer.poll_ended({});
    CHECK(scene.now().state == TreeState::waiting);
    CHECK(scene.now().failures == 0);
    CHECK(scene.now().message.empty());
    CHECK(scene.now().rounds == 3);
  }

  TEST_CASE("what waits for the operator are held deletes and files that nobody names") {
    Scene scene;
    MirrorReport report;
    report.held_deletes = 3;
    report.held_extra = 4;
    scene.observer.poll_ended(report);
    CHECK(scene.now().held_deletes == 7);
  }
}
