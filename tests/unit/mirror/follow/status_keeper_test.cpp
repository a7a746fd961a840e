#include "mirror/follow/status_keeper.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/fake_clock.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd;
using recentd::mirror::StatusKeeper;
using recentd::state::MirrorStatus;

namespace {

constexpr std::int64_t k_start = 1'700'000'000;

struct Listener : Observer {
  void trouble(std::string_view message) override { heard += message; }
  void file_synced(std::string_view, std::string_view path, bool) override { heard += path; }
  std::string heard;
};

struct Scene {
  explicit Scene(bool follows = true) { begin(follows); }
  void begin(bool follows) {
    keeper.emplace(
        tree.path("status"),
        [this] {
          if (away) throw Error(Kind::io, "another directory");
        },
        clock, listener);
    if (follows) keeper->follow();
  }
  void pass_time(std::int64_t seconds) {
    clock.set(clock.seconds() + static_cast<double>(seconds));
    clock.sleep_for(std::chrono::seconds(seconds));
  }
  void conclude(const MirrorReport& report, bool answered = true, std::string_view alarm = {}) {
    keeper->concluded({.source = "rsync://host/pub",
                       .report = report,
                       .newest = &newest,
                       .answered = answered,
                       .alarm = alarm});
    keeper->sleeping(20);
  }
  [[nodiscard]] MirrorStatus noted() const {
    return state::decode_status(tree.read("status").value_or("")).value_or(MirrorStatus());
  }

  recentd::test::TempTree tree{"status"};
  recentd::test::FakeClock clock{static_cast<double>(k_start)};
  Listener listener;
  Epoch newest = *Epoch::parse("1699999999.5");
  bool away = false;
  std::optional<StatusKeeper> keeper;
};

}  // namespace

TEST_SUITE("mirror::status_keeper") {
  TEST_CASE("each pass is noted, with what it came to and when the next one is due") {
    Scene scene;
    scene.conclude({.up_to_date = true, .transferred = 3});
    const auto first = scene.noted();
    CHECK(first.source == "rsync://host/pub");
    CHECK(first.follows);
    CHECK(first.up_to_date);
    CHECK(first.answered_s == k_start);
    CHECK(first.current_s == k_start);
    CHECK(first.news_s == k_start);
    CHECK(first.next_s == k_start + 20);
    CHECK(first.newest == "1699999999.5");
    scene.pass_time(20);
    scene.conclude({.up_to_date = true});
    CHECK(scene.noted().current_s == k_start + 20);
    CHECK(scene.noted().news_s == k_start);
  }

  TEST_CASE("trouble is counted from its first time, and over when a pass goes well") {
    Scene scene;
    scene.conclude({.up_to_date = true});
    for (int i = 0; i < 3; ++i) {
      scene.pass_time(20);
      scene.keeper->trouble("no route to host");
      scene.conclude({}, false);
    }
    const auto troubled = scene.noted();
    CHECK(troubled.trouble == "no route to host");
    CHECK(troubled.trouble_since_s == k_start + 20);
    CHECK(troubled.failures == 3);
    CHECK(troubled.current_s == k_start);
    CHECK_FALSE(troubled.up_to_date);
    CHECK(scene.listener.heard == "no route to hostno route to hostno route to host");
    scene.pass_time(20);
    scene.conclude({.up_to_date = true});
    CHECK(scene.noted().trouble == "");
    CHECK(scene.noted().failures == 0);
    CHECK(scene.noted().current_s == k_start + 80);
  }

  TEST_CASE("what an upstream answers may be the trouble") {
    Scene scene;
    scene.keeper->trouble("rolled back");
    scene.conclude({.rolled_back = true}, true, "rollback");
    CHECK(scene.noted().trouble == "rolled back");
    CHECK(scene.noted().alarm == "rollback");
  }

  TEST_CASE("long work is told now and then, and seldom") {
    Scene scene;
    scene.conclude({});
    scene.keeper->batch_started("6h", 1000);
    for (int i = 0; i < 100; ++i) scene.keeper->file_synced("6h", "f", false);
    CHECK(scene.noted().settled == 0);
    scene.pass_time(5);
    scene.keeper->file_synced("6h", "f", false);
    const auto status = scene.noted();
    CHECK(status.settled == 101);
    CHECK(status.level == "6h");
    CHECK(status.working_s == k_start);
    CHECK(status.noted_s == k_start + 5);
    scene.conclude({});
    CHECK(scene.keeper->status().settled == 0);
    CHECK(scene.keeper->status().level == "");
  }

  TEST_CASE("a single run notes its end, whatever it is") {
    Scene scene(false);
    scene.keeper->concluded({.source = "/srv", .report = {.up_to_date = true}, .answered = true});
    CHECK(scene.noted().up_to_date);
    CHECK_FALSE(scene.noted().follows);
    scene.keeper->concluded({.source = "/srv", .report = {}});
    scene.keeper->failed("disk full");
    CHECK(scene.noted().trouble == "disk full");
  }

  TEST_CASE("the next process takes over what is known of the past, and its trouble until it does better") {
    Scene scene;
    scene.conclude({.up_to_date = true, .deleted = 1});
    scene.keeper->trouble("no route to host");
    scene.conclude({}, false);
    scene.pass_time(100);
    scene.begin(false);
    scene.keeper->failed("disk full");
    const auto status = scene.noted();
    CHECK_FALSE(status.follows);
    CHECK(status.current_s == k_start);
    CHECK(status.news_s == k_start);
    CHECK(status.begun_s == k_start + 100);
    CHECK(status.trouble == "disk full");
    CHECK(status.failures == 2);
    CHECK(status.trouble_since_s == k_start);
    scene.begin(false);
    scene.conclude({.up_to_date = true});
    CHECK(scene.noted().trouble == "");
    CHECK(scene.noted().failures == 0);
  }

  TEST_CASE("a start that fails is noted where a mirror worked before") {
    Scene scene;
    StatusKeeper::note_failed_start(scene.tree.path("t"), scene.clock, "no such source");
    CHECK_FALSE(scene.tree.exists("t"));
    (void)scene.tree.write("t/.recentd/state", "whatever");
    StatusKeeper::note_failed_start(scene.tree.path("t"), scene.clock, "no such source");
    CHECK(state::decode_status(scene.tree.read("t/.recentd/status").value())->trouble == "no such source");
  }

  TEST_CASE("nothing is written where another directory is by now, and no failure to write ends a mirror") {
    Scene scene;
    scene.away = true;
    scene.conclude({.up_to_date = true});
    CHECK_FALSE(scene.tree.exists("status"));
    scene.away = false;
    (void)scene.tree.make_directory("status.new");
    scene.pass_time(5);
    scene.conclude({.up_to_date = true});
    CHECK_FALSE(scene.tree.exists("status"));
  }
}
