// An upstream that falls behind what it had shown: restored from a backup, emptied, or behind a balancer with
// an old copy. It is judged by its newest epoch alone.

#include <filesystem>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/follow_scene.hpp"

using namespace recentd;
using namespace recentd::test;
using PassEnd = mirror::Pass::End;
namespace fs = std::filesystem;

namespace {

// All of the upstream as it is now, for later.
class Backup {
 public:
  explicit Backup(const MirrorScene& scene) : scene_(scene) { copy(scene.up.path(), place_.path()); }
  void restore() const {
    for (const auto& entry : fs::directory_iterator(scene_.up.path())) fs::remove_all(entry.path());
    copy(place_.path(), scene_.up.path());
  }

 private:
  static void copy(const std::string& from, const std::string& to) {
    fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  }
  const MirrorScene& scene_;
  TempTree place_{"backup"};
};

void begin(MirrorScene& scene) {
  scene.put("a", "1");
  scene.put("b", "2");
  scene.aggregate();
  REQUIRE(scene.settle());
}

Epoch latest(const MirrorScene& scene) {
  return Epoch::from_time(scene.clock.now() + std::chrono::hours(1));
}

// The level's newest event is one of the year 2286.
void make_future(const MirrorScene& scene, const std::string& name, const std::string& epoch) {
  auto text = *scene.up.read(name);
  const auto at = text.find(epoch, text.find("\nrecent:"));
  scene.up.write(name, text.replace(at, epoch.size(), "9999999999"));
}

// Everything in the target but the private directory.
std::map<std::string, std::string> content(const MirrorScene& scene) {
  std::map<std::string, std::string> all;
  for (const auto& name : scene.down.list())
    if (!name.starts_with(".recentd")) all[name] = scene.down.read(name).value_or("");
  return all;
}

}  // namespace

TEST_SUITE("sim::rollback") {
  TEST_CASE("an upstream restored from a backup is reported and not followed, also by another process") {
    MirrorScene scene;
    begin(scene);
    const Backup backup(scene);
    scene.put("c", "3");
    scene.remove("a");
    REQUIRE(scene.settle());
    const auto before = content(scene);
    const auto state = scene.work().state();
    backup.restore();
    for (int i = 0; i < 3; ++i) {
      CHECK_THROWS_WITH_AS(scene.pass(), doctest::Contains("rolled back"), Error);
      CHECK(scene.work().report().rolled_back);
      CHECK(content(scene) == before);
      CHECK(scene.work().state().levels == state.levels);
      scene.restart();
    }
  }

  TEST_CASE("it is followed again as soon as it has caught up") {
    FollowScene scene;
    begin(scene);
    const Backup backup(scene);
    scene.put("c", "3");
    scene.remove("a");
    scene.run_for(100);
    backup.restore();
    CapturedStderr log;
    scene.run_for(7200);
    CHECK(log.lines_with("rolled back") >= 1);
    CHECK(log.lines_with("rolled back") <= 6);
    CHECK(scene.down.read("c") == "3");
    scene.remove("b");
    scene.put("d", "4");
    scene.run_for(400);
    CHECK(log.lines_with("all is well again") == 1);
    CHECK(scene.down.read("d") == "4");
    CHECK_FALSE(scene.down.exists("b"));
    CHECK_FALSE(scene.followed_pass().report().rolled_back);
  }

  TEST_CASE("an upstream that was emptied takes nothing along") {
    MirrorScene scene;
    begin(scene);
    scene.write_index("  dirtymark: '1900000000'\n", {});
    CHECK_THROWS_WITH_AS(scene.pass(), doctest::Contains("rolled back"), Error);
    CHECK(scene.down.read("a") == "1");
    CHECK(scene.index("RECENT-1h.yaml")->find("path: a") != std::string::npos);
  }

  TEST_CASE(
      "an index that was begun anew, with events as old as the files, is followed, also by another process") {
    for (const bool restarts : {false, true}) {
      CAPTURE(restarts);
      MirrorScene scene;
      begin(scene);
      scene.put("c", "3");
      REQUIRE(scene.settle());
      const auto seen = *scene.work().state().seen;
      scene.wait(100);
      scene.up.write("n", "new");
      // As rrr-init --force writes it: the principal alone, old events, the present time as dirtymark.
      scene.write_index("  dirtymark: '" + Epoch::from_time(scene.clock.now()).text() + "'\n",
                        {{"1200000003", "new", "n"},
                         {"1200000002", "new", "c"},
                         {"1200000001", "new", "a"},
                         {"1200000000", "new", "b"}});
      if (restarts) scene.restart();
      CHECK_NOTHROW(scene.pass());
      CHECK(scene.down.read("n") == "new");
      CHECK(*scene.work().state().seen < seen);
      CHECK(scene.index("RECENT-1h.yaml") == scene.up.read("RECENT-1h.yaml"));
      if (restarts) scene.restart();
      scene.wait(100);
      CHECK_NOTHROW(scene.pass());
      CHECK_FALSE(scene.work().report().rolled_back);
      scene.put("d", "4");
      scene.remove("a");
      CHECK_NOTHROW(scene.pass());
      CHECK(scene.down.read("d") == "4");
      CHECK_FALSE(scene.down.exists("a"));
      // The backup of before is older than what was seen since.
      scene.write_index("  dirtymark: '1200000500'\n", {{seen.text(), "new", "c"}});
      CHECK_THROWS_WITH_AS(scene.pass(), doctest::Contains("rolled back"), Error);
    }
  }

  TEST_CASE("another dirtymark, higher or lower, with a principal as new is an ordinary change") {
    for (const char* dirtymark : {"'1'", "'1900000000'"}) {
      MirrorScene scene;
      begin(scene);
      auto text = *scene.up.read("RECENT-1h.yaml");
      const auto at = text.find("dirtymark: ") + 11;
      text.replace(at, text.find('\n', at) - at, dirtymark);
      for (const auto* name : {"RECENT-1h.yaml", "RECENT-1d.yaml", "RECENT-Z.yaml"}) {
        auto level = *scene.up.read(name);
        const auto from = level.find("dirtymark: ") + 11;
        scene.up.write(name, level.replace(from, level.find('\n', from) - from, dirtymark));
      }
      CHECK(scene.pass() == PassEnd::up_to_date);
      CHECK_FALSE(scene.work().report().rolled_back);
      CHECK(scene.equal());
    }
  }

  TEST_CASE("a larger level that falls behind our copy is not taken, the smaller ones go on") {
    MirrorScene scene;
    begin(scene);
    const auto old_z = *scene.up.read("RECENT-Z.yaml");
    scene.wait(2 * 86400);
    scene.put("c", "3");
    scene.aggregate();
    REQUIRE(scene.settle());
    const auto z = *scene.index("RECENT-Z.yaml");
    REQUIRE(z != old_z);
    scene.wait(2 * 86400);
    scene.put("d", "4");
    scene.aggregate();
    const auto new_z = *scene.up.read("RECENT-Z.yaml");
    scene.up.write("RECENT-Z.yaml", old_z);
    (void)scene.pass();
    CHECK(scene.down.read("d") == "4");
    CHECK(scene.index("RECENT-Z.yaml") == z);
    scene.up.write("RECENT-Z.yaml", new_z);
    scene.wait(700);
    REQUIRE(scene.settle());
    CHECK(scene.index("RECENT-Z.yaml") == new_z);
    CHECK(scene.equal());
  }

  TEST_CASE("an event of the far future jams nothing once the upstream is repaired") {
    for (const bool restarts : {false, true})
      for (const bool all_levels : {false, true}) {
        CAPTURE(restarts);
        CAPTURE(all_levels);
        MirrorScene scene;
        begin(scene);
        const Backup backup(scene);
        const auto newest = scene.work().state().seen->text();
        for (const char* name : {"RECENT-1h.yaml", "RECENT-1d.yaml", "RECENT-Z.yaml"})
          if (all_levels || name == std::string("RECENT-1h.yaml")) make_future(scene, name, newest);
        REQUIRE(scene.settle());
        CHECK(scene.index("RECENT-1h.yaml")->find("9999999999") != std::string::npos);
        CHECK(*scene.work().state().seen < latest(scene));
        backup.restore();
        if (restarts) scene.restart();
        CHECK_NOTHROW(scene.pass());
        scene.put("c", "3");
        scene.remove("a");
        REQUIRE(scene.settle());
        CHECK(scene.down.read("c") == "3");
        CHECK_FALSE(scene.down.exists("a"));
        scene.wait(2 * 86400);
        scene.put("d", "4");
        scene.aggregate();
        scene.wait(700);
        REQUIRE(scene.settle());
        for (const char* name : {"RECENT-1h.yaml", "RECENT-1d.yaml", "RECENT-Z.yaml"})
          CHECK(scene.index(name) == scene.up.read(name));
        CHECK(*scene.work().state().seen < latest(scene));
        CHECK(*scene.work().state().newest < latest(scene));
      }
  }

  TEST_CASE("what comes below an event of the future after the repair is not taken for done with it") {
    MirrorScene scene;
    begin(scene);
    const Epoch last = *scene.work().state().seen;
    scene.write_index("", {{"9999999999", "new", "b"}, {last.text(), "new", "a"}});
    CHECK_NOTHROW(scene.pass());
    scene.up.write("late", "l");
    scene.up.write("later", "l");
    const auto at = scene.clock.seconds();
    scene.write_index("", {{std::to_string(static_cast<long>(at) + 9), "new", "later"},
                           {std::to_string(static_cast<long>(at) + 8), "new", "late"},
                           {last.text(), "new", "a"}});
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.down.read("late") == "l");
    CHECK(scene.down.read("later") == "l");
  }

  TEST_CASE("--reset-state follows an upstream that was made anew and is empty") {
    MirrorScene scene;
    begin(scene);
    scene.write_index("  dirtymark: '1900000000'\n", {});
    CHECK_THROWS_WITH_AS(scene.pass(), doctest::Contains("rolled back"), Error);
    scene.options.places.reset_state = true;
    scene.restart();
    CHECK_NOTHROW(scene.pass());
    scene.options.places.reset_state = false;
    scene.restart();
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.index("RECENT-1h.yaml") == scene.up.read("RECENT-1h.yaml"));
    CHECK(scene.down.read("a") == "1");
    scene.up.write("n", "new");
    scene.write_index("  dirtymark: '1900000000'\n",
                      {{std::to_string(static_cast<long>(scene.clock.seconds())), "new", "n"}});
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.down.read("n") == "new");
  }

  TEST_CASE("--reset-state follows an upstream that is right although it is older") {
    MirrorScene scene;
    begin(scene);
    const Backup backup(scene);
    scene.put("c", "3");
    REQUIRE(scene.settle());
    backup.restore();
    CHECK_THROWS_AS(scene.pass(), Error);
    scene.options.places.reset_state = true;
    scene.restart();
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.index("RECENT-1h.yaml") == scene.up.read("RECENT-1h.yaml"));
  }
}
