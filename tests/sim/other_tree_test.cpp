// Sources that turn out to be another tree, and those that only look so.

#include <filesystem>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/follow_scene.hpp"

using namespace recentd;
using namespace recentd::test;
using PassEnd = mirror::Pass::End;
namespace fs = std::filesystem;

namespace {

constexpr const char* k_words = "another tree";

struct Scene : FollowScene {
  Scene() {
    for (int i = 0; i < 12; ++i) put("f" + std::to_string(i), std::to_string(i));
    aggregate();
    REQUIRE(settle());
    wait(60);
  }
  // The origin's index is made anew, with each file's time as its epoch or as `age` seconds before now.
  void init_anew(OriginSettings how = {}) {
    InitOptions init;
    init.force = true;
    init.state_directory = kept.path();
    how.filenameroot = "RECENT";
    init_origin(up.path(), how, init, {}, clock);
    wait(1);
  }
  // Another tree is served in the origin's place.
  void become_another() {
    for (const auto& entry : fs::directory_iterator(up.path())) fs::remove_all(entry.path());
    for (int i = 0; i < 12; ++i) (void)up.write("g" + std::to_string(i), "other");
    init_origin(up.path(), settings, {}, {}, clock);
    wait(1);
  }
  TempTree kept{"kept"};
};

}  // namespace

TEST_SUITE("sim::other_tree") {
  TEST_CASE("another tree in the source's place is told and not mixed in, until it is accepted") {
    Scene scene;
    const auto before = scene.down.list();
    scene.become_another();
    for (int i = 0; i < 2; ++i) {
      CHECK_THROWS_WITH_AS(scene.pass(), doctest::Contains(k_words), Error);
      CHECK(scene.work().report().other_tree);
      CHECK(scene.down.list() == before);
      CHECK(scene.down.read("RECENT-1h.yaml")->find("path: g") == std::string::npos);
      scene.restart();
    }
    scene.options.places.accept_source = true;
    scene.restart();
    REQUIRE(scene.settle());
    CHECK(scene.down.read("g3") == "other");
    CHECK(scene.down.read("f3") == "3");  // absence is no event
    scene.options.places.accept_source = false;
    scene.restart();
    REQUIRE(scene.settle());
  }

  TEST_CASE("the right source is followed again when it is back, with nothing lost") {
    Scene scene;
    TempTree right{"right"};
    const auto copy = [](const TempTree& from, const TempTree& to) {
      for (const auto& entry : fs::directory_iterator(to.path())) fs::remove_all(entry.path());
      REQUIRE(std::system(("cp -a " + from.path() + "/. " + to.path() + "/").c_str()) == 0);
    };
    copy(scene.up, right);
    scene.become_another();
    CHECK_THROWS_AS(scene.pass(), Error);
    copy(right, scene.up);
    scene.put("new", "n");
    REQUIRE(scene.settle());
    CHECK(scene.equal());
  }

  TEST_CASE("another tree that is older is told as such, and not as rolled back") {
    Scene scene;
    for (const auto& entry : fs::directory_iterator(scene.up.path())) fs::remove_all(entry.path());
    scene.write_index("  dirtymark: '1600000000'\n",
                      {{"1600000002", "new", "x"}, {"1600000001", "new", "y"}});
    CHECK_THROWS_WITH_AS(scene.pass(), doctest::Contains(k_words), Error);
  }

  TEST_CASE("an index that was made anew is followed, with other levels and after changes, too") {
    for (const bool other_levels : {false, true}) {
      CAPTURE(other_levels);
      Scene scene;
      for (int i = 0; i < 5; ++i) scene.up.remove("f" + std::to_string(i));
      for (int i = 0; i < 5; ++i) (void)scene.up.write("h" + std::to_string(i), "new");
      OriginSettings how;
      if (other_levels) how.aggregator = {"6h", "1W", "Z"};
      scene.init_anew(how);
      REQUIRE(scene.settle());
      CHECK(scene.down.read("h3") == "new");
      CHECK_FALSE(scene.work().report().other_tree);
    }
  }

  TEST_CASE("dirty updates and a restored backup are the same tree") {
    Scene scene;
    scene.announce("f3", EventType::new_, Epoch::parse("1600000000"));
    REQUIRE(scene.settle());
    scene.announce("f4", EventType::new_, Epoch::parse("1600000001"));
    scene.aggregate();
    REQUIRE(scene.settle());
    CHECK(scene.equal());
  }

  TEST_CASE("a service among whose sources is another tree stays with the right one") {
    Scene scene;
    TempTree other{"other"};
    SimulatedUpstream strange{other.path()};
    for (int i = 0; i < 12; ++i) (void)other.write("g" + std::to_string(i), "other");
    init_origin(other.path(), scene.settings, {}, {}, scene.clock);
    scene.others = {&strange};
    CapturedStderr log;
    for (int i = 0; i < 20; ++i) {
      scene.put("n" + std::to_string(i), "x");
      scene.run_for(700);
    }
    CHECK(scene.followed() == 0);
    CHECK(scene.equal());
    CHECK(log.lines_with("following another upstream") <= 2);
  }

  TEST_CASE("what a target shows that has lost its state is the floor: an older source is a rollback") {
    Scene scene;
    TempTree before{"before"};
    fs::copy(
        scene.up.path(), before.path(),
        fs::copy_options::recursive | fs::copy_options::copy_symlinks | fs::copy_options::overwrite_existing);
    scene.remove("f1");
    scene.put("later", "l");
    REQUIRE(scene.settle());
    scene.end();
    fs::remove_all(scene.down.path(".recentd"));
    for (const auto& entry : fs::directory_iterator(scene.up.path())) fs::remove_all(entry.path());
    fs::copy(before.path(), scene.up.path(), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    const auto shown = scene.index("RECENT-1h.yaml");
    CHECK_THROWS_WITH_AS(scene.pass(), doctest::Contains("rolled back"), Error);
    CHECK(scene.work().report().rolled_back);
    CHECK(scene.index("RECENT-1h.yaml") == shown);
    CHECK_FALSE(scene.down.exists("f1"));
    // Caught up, it is followed; so it is at once if the operator says so.
    scene.options.places.reset_state = true;
    scene.restart();
    CHECK_NOTHROW(scene.pass());
    CHECK(scene.down.exists("f1"));
  }
}
