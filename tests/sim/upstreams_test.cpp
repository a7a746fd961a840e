// Several upstreams of one tree that die, lag, lie and are rolled back.

#include <filesystem>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "state/state_store.hpp"
#include "support/follow_scene.hpp"

using namespace recentd;
using namespace recentd::test;
using Nature = transport::Problem::Nature;
namespace fs = std::filesystem;

namespace {

// Mirrors of the scene's origin, which move its bytes, as of the last sync().
struct Tier {
  TempTree tree{"tier"};
  SimulatedUpstream upstream{tree.path()};

  void sync(const MirrorScene& scene) const {
    for (const auto& entry : fs::directory_iterator(tree.path())) fs::remove_all(entry.path());
    REQUIRE(std::system(("cp -a " + scene.up.path() + "/. " + tree.path() + "/").c_str()) == 0);
  }
};

struct Scene : FollowScene {
  Tier one, two;
  Scene() {
    others = {&one.upstream, &two.upstream};
    put("a", "1");
    put("d/b", "2");
    aggregate();
    sync();
  }
  void sync() const {
    one.sync(*this);
    two.sync(*this);
  }
  // Changes somewhere, known to all upstreams but those which a test keeps behind.
  void change(int n) { put("c" + std::to_string(n), std::to_string(n)); }
};

// A partial mirror of the scene's origin that is served as one of its tiers.
void make_part(Scene& scene, Tier& tier, const std::string& rule) {
  for (const auto& entry : fs::directory_iterator(tier.tree.path()))
    if (entry.path().filename() != ".recentd") fs::remove_all(entry.path());
  MirrorOptions options;
  options.source = "origin/";
  REQUIRE(options.select.filter.add(rule));
  const auto place = tier.tree.make_directory(".recentd");
  mirror::HookPoints no_hooks;
  Observer quiet;
  mirror::Pass pass(options, upstream::split_source(options.source),
                    mirror::Places{tier.tree.path(), place, place}, scene.upstream, scene.clock, quiet,
                    no_hooks);
  REQUIRE(pass.run() == mirror::Pass::End::up_to_date);
}

int of(const Scene& scene, int number) {
  return number == 0 ? scene.upstream.connections
                     : (number == 1 ? scene.one.upstream.connections : scene.two.upstream.connections);
}

}  // namespace

TEST_SUITE("sim::upstreams") {
  TEST_CASE("the freshest is followed from the start") {
    Scene scene;
    scene.change(1);
    scene.two.sync(scene);
    scene.upstream.down = true;
    scene.poll();
    CHECK(scene.followed() == 2);
    CHECK(scene.down.read("c1") == "1");
  }

  TEST_CASE("hours without trouble: one is followed, the others are looked at every five minutes") {
    Scene scene;
    scene.run_for(21600);
    CHECK(scene.followed() == 0);
    CHECK(of(scene, 0) > 980);
    for (const int other : {1, 2}) {
      CHECK(of(scene, other) > 55);
      CHECK(of(scene, other) < 80);
    }
  }

  TEST_CASE("a partial mirror among the sources is never followed, and nothing is deleted for its sake") {
    Scene scene;
    scene.others = {&scene.one.upstream};
    for (int i = 0; i < 5; ++i) scene.put("large/" + std::to_string(i), "x");
    make_part(scene, scene.one, "- /large/");
    scene.run_for(100);
    CHECK(scene.equal());
    const auto of_part = scene.one.upstream.connections;
    for (int round = 0; round < 3; ++round) {
      scene.put("large/new" + std::to_string(round), "y");
      scene.change(round);
      make_part(scene, scene.one, "- /large/");
      scene.upstream.down = true;
      scene.run_for(2000);
      CHECK(scene.followed() == 0);
      CHECK(scene.down.exists("large/0"));
      scene.upstream.down = false;
      scene.run_for(2000);
      CHECK(scene.equal());
    }
    CHECK(scene.one.upstream.connections > of_part);  // it was looked at
    CHECK(scene.recorder.at("delete large/0") < 0);
  }

  TEST_CASE("at the start, too, a partial mirror is not followed while the origin is down") {
    Scene scene;
    scene.others = {&scene.one.upstream};
    (void)scene.down.write("d/b", "was here before");
    make_part(scene, scene.one, "- /d/");
    scene.upstream.down = true;
    scene.run_for(2000);
    CHECK(scene.down.read("d/b") == "was here before");
    CHECK_FALSE(scene.down.exists("a"));
    CHECK_FALSE(scene.down.exists("RECENT-1h.yaml"));
    scene.upstream.down = false;
    scene.run_for(2000);
    CHECK(scene.equal());
  }

  TEST_CASE("a partial mirror gives content that the one that is followed lacks") {
    Scene scene;
    scene.others = {&scene.one.upstream};
    scene.change(1);
    make_part(scene, scene.one, "- /d/");
    fs::remove(scene.up.path("c1"));
    scene.run_for(400);
    CHECK(scene.down.read("c1") == "1");
    CHECK(scene.followed() == 0);
  }

  TEST_CASE("when the one that is followed dies another one serves within two polls") {
    Scene scene;
    scene.run_for(100);
    for (int round = 0; round < 5; ++round) {
      scene.change(round);
      scene.sync();
      const auto before = scene.followed();
      SimulatedUpstream* const dies = before == 0   ? &scene.upstream
                                      : before == 1 ? &scene.one.upstream
                                                    : &scene.two.upstream;
      dies->down = true;
      scene.poll();
      scene.poll();
      CHECK(scene.followed() != before);
      CHECK(scene.down.read("c" + std::to_string(round)) == std::to_string(round));
      dies->down = false;
      scene.run_for(1000);
      CHECK(scene.followed() != before);  // it is back, but that is no reason
      CHECK(scene.equal());
    }
  }

  TEST_CASE("no file is transferred again because another upstream serves, and nothing is lost") {
    Scene scene;
    scene.run_for(100);
    scene.upstream.down = true;
    scene.run_for(200);
    CHECK(scene.followed() != 0);
    CHECK(scene.one.upstream.written.empty());
    CHECK(scene.two.upstream.written.empty());
    CHECK(scene.followed_pass().report().up_to_date);
  }

  TEST_CASE("with all of them down each is asked ever less often, and the first one that returns serves") {
    Scene scene;
    scene.run_for(100);
    for (auto* upstream : {&scene.upstream, &scene.one.upstream, &scene.two.upstream}) {
      upstream->down = true;
      upstream->connections = 0;
    }
    CapturedStderr log;
    scene.run_for(86400);
    for (const int i : {0, 1, 2}) {
      CHECK(of(scene, i) < 420);
      CHECK(of(scene, i) > 200);
    }
    CHECK(log.lines_with("simulated break") < 40);
    scene.change(1);
    scene.two.sync(scene);
    scene.two.upstream.down = false;
    scene.run_for(301);
    CHECK(scene.followed() == 2);
    CHECK(scene.down.read("c1") == "1");
  }

  TEST_CASE("one that lags is left, but not for a passing lag") {
    Scene scene;
    scene.run_for(100);
    scene.upstream.down = true;
    scene.run_for(100);
    scene.upstream.down = false;
    REQUIRE(scene.followed() == 1);
    // Passing: it always has the news a minute later.
    for (int i = 0; i < 30; ++i) {
      scene.change(i);
      scene.two.sync(scene);
      scene.run_for(60);
      scene.one.sync(scene);
    }
    CHECK(scene.followed() == 1);
    // For good.
    CapturedStderr log;
    for (int i = 60; i < 80; ++i) {
      scene.change(i);
      scene.two.sync(scene);
      scene.run_for(60);
    }
    CHECK(scene.followed() != 1);
    CHECK(log.lines_with("this one lags") == 1);
    CHECK(scene.equal());
  }

  TEST_CASE("one that is rolled back is left, and its old index is not shown") {
    Scene scene;
    scene.run_for(100);
    const Tier backup;
    backup.sync(scene);
    scene.change(1);
    scene.remove("a");
    scene.sync();
    scene.run_for(60);
    const auto shown = scene.index("RECENT-1h.yaml");
    for (const auto& entry : fs::directory_iterator(scene.up.path())) fs::remove_all(entry.path());
    fs::copy(backup.tree.path(), scene.up.path(),
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    CapturedStderr log;
    scene.run_for(3600);
    CHECK(scene.followed() != 0);
    CHECK(log.lines_with("rolled back") >= 1);
    CHECK(scene.index("RECENT-1h.yaml") == shown);
    CHECK_FALSE(scene.down.exists("a"));
  }

  TEST_CASE("one that lies, by events of the future or by garbage, is not followed") {
    Scene scene;
    scene.run_for(100);
    SUBCASE("from the start") {
      scene.restart_follower();
    }
    SUBCASE("suddenly") {}
    scene.change(1);
    scene.sync();
    auto lie = *scene.up.read("RECENT-1h.yaml");
    const auto at = lie.find("epoch: ") + 7;
    lie.replace(at, 2, "19");
    SUBCASE("future") {}
    SUBCASE("garbage") {
      lie = "--- []\n";
    }
    scene.upstream.replaced["RECENT-1h.yaml"] = lie;
    CapturedStderr log;
    scene.run_for(3600);
    CHECK(scene.followed() != 0);
    CHECK(scene.down.read("c1") == "1");
    CHECK(scene.index("RECENT-1h.yaml") == scene.up.read("RECENT-1h.yaml"));
    CHECK(scene.followed_pass().report().up_to_date);
  }

  TEST_CASE("a file that is not to be had from one upstream comes from another one that must have it") {
    Scene scene;
    scene.run_for(100);
    scene.change(1);
    scene.change(2);
    scene.change(3);
    scene.sync();
    scene.run_for(320);  // all others have been looked at
    REQUIRE(scene.followed() == 0);
    SUBCASE("vanished") {
      scene.up.remove("c2");
    }
    SUBCASE("unreadable") {
      scene.upstream.unreadable = {"c2"};
    }
    scene.down.remove("c2");
    // As if it had never arrived.
    auto state = *state::StateStore(scene.down.path(".recentd"), Fsync::none).load();
    for (auto& level : state.levels) level.done.clear();
    state::StateStore(scene.down.path(".recentd"), Fsync::none).save(state);
    scene.restart_follower();
    scene.run_for(60);
    CHECK(scene.followed() == 0);
    CHECK(scene.down.read("c2") == "2");
    CHECK(scene.followed_pass().report().up_to_date);
    CHECK(scene.followed_pass().state().missing.empty());
  }

  TEST_CASE("one that lags is not asked for what it cannot have yet") {
    Scene scene;
    scene.run_for(100);
    scene.one.tree.write("late", "an older version");
    scene.two.tree.write("late", "an older version");
    scene.put("late", "the version that the event means");
    scene.upstream.unreadable = {"late"};
    scene.run_for(60);
    CHECK_FALSE(scene.down.exists("late"));
    scene.upstream.unreadable.clear();
    scene.run_for(400);
    CHECK(scene.down.read("late") == "the version that the event means");
  }

  TEST_CASE("a full disk is no reason to blame an upstream") {
    Scene scene;
    scene.run_for(100);
    scene.change(1);
    scene.sync();
    scene.upstream.refuses = {Nature::local, "No space left on device"};
    scene.run_for(600);
    CHECK(scene.followed() == 0);
    scene.upstream.refuses.reset();
    scene.run_for(301);
    CHECK(scene.equal());
  }

  TEST_CASE(
      "upstreams that die and return at random for hours: the mirror keeps up and never deletes wrongly") {
    Scene scene;
    Jitter chance(4711);
    CapturedStderr quiet;
    for (int minute = 0; minute < 120; ++minute) {
      scene.upstream.down = chance.next() < 0.3;
      scene.one.upstream.down = chance.next() < 0.3;
      scene.two.upstream.down = chance.next() < 0.3;
      if (minute % 4 == 0) scene.change(minute);
      if (chance.next() < 0.3) scene.one.sync(scene);
      if (chance.next() < 0.3) scene.two.sync(scene);
      if (minute % 30 == 0) scene.aggregate();
      scene.run_for(60);
      CHECK(scene.down.exists("a"));
    }
    for (auto* upstream : {&scene.upstream, &scene.one.upstream, &scene.two.upstream}) upstream->down = false;
    scene.sync();
    scene.run_for(1000);
    CHECK(scene.equal());
    CHECK(scene.followed_pass().report().up_to_date);
  }
}
