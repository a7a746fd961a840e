// Paths that the index names and that cannot be had: nothing waits for one of them for long, each is looked
// for again ever more rarely, and comes by itself.

#include <filesystem>

#include <doctest/doctest.h>

#include "support/follow_scene.hpp"
#include "support/invariant_watcher.hpp"

using namespace recentd;
using namespace recentd::test;
using PassEnd = mirror::Pass::End;

namespace {

int asked_for(FollowScene& scene, const std::string& path, double seconds) {
  int asked = 0;
  scene.upstream.before_name = [&](const std::string& name) { asked += name == path ? 1 : 0; };
  scene.run_for(seconds);
  scene.upstream.before_name = {};
  return asked;
}

// Goes on with polls that are so rare that days cost nothing.
void poll_hourly(FollowScene& scene) {
  scene.following.polls = {std::chrono::hours(1), std::chrono::seconds(1)};
  scene.restart_follower();
}

bool is_known(const MirrorScene& scene, const std::string& path) {
  const auto state = scene.down.read(".recentd/state").value_or("");
  return known_missing(state, path);
}

bool shows_upstream(const MirrorScene& scene) {
  return scene.index("RECENT-1h.yaml") == scene.up.read("RECENT-1h.yaml");
}

// A mirror that is up to date, at which one new file cannot be read while another comes and one goes.
void begin_with_unreadable(FollowScene& scene) {
  for (const char* path : {"old", "keep"}) scene.put(path, "1");
  scene.aggregate();
  scene.run_for(100);
  REQUIRE(scene.equal());
  scene.upstream.unreadable = {"bad"};
  scene.put("bad", "1");
  scene.put("new", "1");
  scene.remove("old");
}

}  // namespace

TEST_SUITE("sim::missing_paths") {
  TEST_CASE("an unreadable file holds index and deletes back for its first rounds only") {
    FollowScene scene;
    begin_with_unreadable(scene);
    scene.run_for(25);
    CHECK(scene.down.exists("new"));
    CHECK(scene.down.exists("old"));
    CHECK_FALSE(shows_upstream(scene));
    CapturedStderr log;
    scene.run_for(100);
    CHECK(shows_upstream(scene));
    CHECK_FALSE(scene.down.exists("old"));
    CHECK(is_known(scene, "bad"));
    CHECK(log.lines_with("cannot be mirrored") >= 1);
    CHECK(log.lines_with("simulated: bad") >= 1);  // the reason
    const auto& report = scene.followed_pass().report();
    CHECK(report.up_to_date);
    CHECK(report.known_missing == 1);
    // And later changes arrive and go at once.
    scene.put("newer", "1");
    scene.remove("new");
    scene.run_for(45);
    CHECK(scene.down.exists("newer"));
    CHECK_FALSE(scene.down.exists("new"));
    CHECK(shows_upstream(scene));
  }

  TEST_CASE("it comes by itself when it is mended, which is told, and is forgotten") {
    FollowScene scene;
    begin_with_unreadable(scene);
    scene.run_for(200);
    CapturedStderr log;
    scene.upstream.unreadable.clear();
    scene.run_for(600);
    CHECK(scene.equal());
    CHECK_FALSE(is_known(scene, "bad"));
    CHECK(log.lines_with("is here now") == 1);
    CHECK(scene.followed_pass().report().known_missing == 0);
  }

  TEST_CASE("it is tried ever more rarely, once a day in the end, also in another process") {
    FollowScene scene;
    begin_with_unreadable(scene);
    CapturedStderr log;
    CHECK(asked_for(scene, "bad", 600) <= 11);
    poll_hourly(scene);
    CHECK(asked_for(scene, "bad", 86400) <= 10);
    scene.restart_follower();
    CHECK(asked_for(scene, "bad", 10 * 86400) <= 14);
    CHECK(asked_for(scene, "bad", 10 * 86400) >= 8);
    CHECK(log.lines_with("cannot be mirrored") <= 40);
  }

  TEST_CASE("a newer event of it ends the trouble at once") {
    FollowScene scene;
    begin_with_unreadable(scene);
    scene.run_for(200);
    poll_hourly(scene);
    scene.run_for(3 * 86400);
    scene.upstream.unreadable.clear();
    scene.put("bad", "mended");
    scene.run_for(3700);
    CHECK(scene.down.read("bad") == "mended");
    CHECK(scene.equal());
  }

  TEST_CASE("a path that could not be tried again, and had come before, does not stay open") {
    MirrorScene scene;
    scene.put("p", "1");
    scene.put("q", "1");
    scene.upstream.unreadable = {"q"};
    scene.pass();
    REQUIRE(scene.down.exists("p"));
    // What is done of the smallest level goes to the next one only when all of it is.
    scene.aggregate();
    scene.wait(3700);
    scene.upstream.unreadable = {"p", "r"};
    scene.put("r", "1");
    scene.upstream.breaks_at = "q";
    scene.pass();
    CHECK_FALSE(scene.down.exists("q"));
    scene.upstream.unreadable.clear();
    scene.upstream.breaks_at.clear();
    CHECK(scene.settle(10));
    CHECK(scene.equal());
  }

  TEST_CASE("a delete of it ends the trouble, too") {
    FollowScene scene;
    begin_with_unreadable(scene);
    scene.run_for(200);
    scene.remove("bad");
    scene.run_for(45);
    CHECK(scene.followed_pass().state().missing.empty());
    CHECK_FALSE(is_known(scene, "bad"));
    CHECK(shows_upstream(scene));
  }

  TEST_CASE("with another dirtymark everything is looked at again, and nothing waits for it") {
    FollowScene scene;
    begin_with_unreadable(scene);
    scene.run_for(200);
    scene.up.write("past", "2");
    scene.announce("past", EventType::new_, Epoch::parse("1600000000"));
    scene.aggregate();
    scene.run_for(45);
    CHECK(scene.down.exists("past"));
    CHECK(shows_upstream(scene));
    CHECK(is_known(scene, "bad"));
  }

  TEST_CASE("files that the upstream lists and lacks for a moment come as soon as it has them") {
    FollowScene scene;
    scene.put("top", "1");
    for (int i = 0; i < 5; ++i) scene.put("data/f" + std::to_string(i), "x");
    scene.aggregate();
    std::filesystem::rename(scene.up.path("data"), scene.up.path() + ".away");
    scene.run_for(10);
    CHECK_FALSE(scene.index("RECENT-1h.yaml"));
    CHECK(scene.down.exists("top"));
    scene.run_for(200);
    CHECK(shows_upstream(scene));
    CHECK(is_known(scene, "data/f0"));
    std::filesystem::rename(scene.up.path() + ".away", scene.up.path("data"));
    scene.run_for(600);
    CHECK(scene.equal());
    CHECK(scene.followed_pass().state().missing.empty());
  }

  TEST_CASE("looks in one second are one look") {
    MirrorScene scene;
    scene.put("a", "1");
    scene.up.remove("a");
    for (int i = 0; i < 10; ++i) CHECK(scene.pass() == PassEnd::open);
    CHECK_FALSE(scene.index("RECENT-1h.yaml"));
    scene.wait(2);
    CHECK(scene.pass() == PassEnd::open);
    scene.wait(2);
    CHECK(scene.pass() == PassEnd::up_to_date);
    CHECK(scene.index("RECENT-1h.yaml"));
  }

  TEST_CASE("many at once raise the alarm and hold the index back until they are there again") {
    FollowScene scene;
    scene.options.deletes.limit = DeleteLimit::parse("10").value();
    scene.put("keep", "1");
    scene.aggregate();
    scene.run_for(100);
    for (int i = 0; i < 20; ++i) scene.put("data/f" + std::to_string(i), "x");
    scene.aggregate();
    std::filesystem::rename(scene.up.path("data"), scene.up.path() + ".away");
    const auto shown = scene.index("RECENT-1h.yaml");
    CapturedStderr log;
    scene.run_for(700);
    CHECK(scene.index("RECENT-1h.yaml") == shown);
    CHECK(log.lines_with("ALARM") >= 1);
    CHECK(log.lines_with("ALARM") <= 5);
    CHECK(scene.followed_pass().report().held_missing == 20);
    CHECK_FALSE(scene.followed_pass().report().up_to_date);
    std::filesystem::rename(scene.up.path() + ".away", scene.up.path("data"));
    scene.run_for(1500);
    CHECK(scene.equal());
    CHECK(shows_upstream(scene));
  }

  TEST_CASE("many at once count as done when the operator allows it") {
    FollowScene scene;
    scene.options.deletes.limit = DeleteLimit::parse("3").value();
    for (int i = 0; i < 9; ++i) scene.put("f" + std::to_string(i), "x");
    scene.upstream.unreadable = {"f0", "f1", "f2", "f3", "f4"};
    scene.run_for(200);
    CHECK_FALSE(scene.index("RECENT-1h.yaml"));
    scene.options.deletes.limit = DeleteLimit::none();
    scene.restart_follower();
    scene.poll();
    CHECK(shows_upstream(scene));
    scene.options.deletes.limit = DeleteLimit::parse("3").value();
    scene.restart_follower();
    scene.put("more", "x");
    scene.run_for(45);
    CHECK(shows_upstream(scene));
  }

  TEST_CASE("one that comes back has the others looked for that are missing for the same reason") {
    FollowScene scene;
    for (int i = 0; i < 9; ++i) scene.put("f" + std::to_string(i), "x");
    scene.aggregate();
    for (const char* path : {"f1", "f2", "f3"})
      std::filesystem::rename(scene.up.path(path), scene.up.path(path) + ".away");
    scene.run_for(200);
    poll_hourly(scene);
    scene.run_for(86400);
    for (const char* path : {"f1", "f2", "f3"})
      std::filesystem::rename(scene.up.path(path) + ".away", scene.up.path(path));
    scene.up.set_mtime("f2", 1'700'000'001, 0);
    scene.announce("f2", EventType::new_);
    scene.run_for(3 * 3600);
    CHECK(scene.equal());
  }

  TEST_CASE("a file whose old version is here stays until the new one can be had") {
    FollowScene scene;
    scene.put("a", "one");
    scene.aggregate();
    scene.run_for(100);
    scene.upstream.unreadable = {"a"};
    scene.put("a", "two");
    scene.run_for(200);
    CHECK(shows_upstream(scene));
    CHECK(scene.down.read("a") == "one");
    scene.upstream.unreadable.clear();
    scene.run_for(600);
    CHECK(scene.down.read("a") == "two");
  }

  TEST_CASE("a single run tries what is missing since less than an hour, later ones by its pauses") {
    MirrorScene scene;
    scene.put("a", "1");
    scene.put("bad", "1");
    scene.upstream.unreadable = {"bad"};
    int asked = 0;
    scene.upstream.before_name = [&](const std::string& name) { asked += name == "bad" ? 1 : 0; };
    REQUIRE(scene.settle());
    for (int i = 0; i < 10; ++i) {
      scene.restart().run();
      CHECK(asked == 5 + i);
    }
    scene.wait(2 * 86400);
    scene.restart().run();
    asked = 0;
    for (int i = 0; i < 10; ++i) scene.restart().run();
    CHECK(asked == 0);
    scene.upstream.unreadable.clear();
    scene.wait(86400);
    CHECK(scene.restart().run() == PassEnd::up_to_date);
    CHECK(scene.equal());
  }

  TEST_CASE("a path that is asked for by name ends its trouble") {
    MirrorScene scene;
    scene.put("a", "1");
    scene.put("bad", "1");
    scene.upstream.unreadable = {"bad"};
    REQUIRE(scene.settle());
    scene.upstream.unreadable.clear();
    CHECK_FALSE(scene.restart().fetch_paths({"bad"}));
    CHECK(scene.down.exists("bad"));
    CHECK(scene.work().state().missing.empty());
  }
}
