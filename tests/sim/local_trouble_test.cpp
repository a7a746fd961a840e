// Trouble with single paths in the target: it stops no other path, is told, and ends by itself.

#include <cerrno>
#include <set>

#include <doctest/doctest.h>

#include "support/follow_scene.hpp"
#include "support/invariant_watcher.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

// Where a part of the target's paths cannot be looked at or changed.
class Locked {
 public:
  Locked(std::set<std::string> operations, std::string part) {
    sys::set_fault_hook([operations = std::move(operations), part = std::move(part)](
                            std::string_view operation, std::string_view path) {
      const bool ours =
          operations.contains(std::string(operation)) && path.find(part) != std::string_view::npos;
      return ours && path.find("/recentd-up-") == std::string_view::npos ? EACCES : 0;
    });
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
  ~Locked() { sys::set_fault_hook({}); }
};

void begin(FollowScene& scene, const std::vector<std::string>& paths) {
  for (const auto& path : paths) scene.put(path, "1");
  scene.aggregate();
  scene.run_for(100);
  REQUIRE(scene.equal());
}

bool shows_upstream(const MirrorScene& scene) {
  return scene.index("RECENT-1h.yaml") == scene.up.read("RECENT-1h.yaml");
}

int below(const MirrorScene& scene, const std::string& part) {
  int count = 0;
  for (const auto& name : scene.down.list()) count += name.find(part) != std::string::npos ? 1 : 0;
  return count;
}

}  // namespace

TEST_SUITE("sim::local_trouble") {
  TEST_CASE("a delete in a directory that cannot be written stops no other, and is done once it can be") {
    FollowScene scene;
    begin(scene, {"frozen/a", "z", "keep"});
    CapturedStderr log;
    {
      const Locked locked({"unlink"}, "frozen/a");
      scene.remove("frozen/a");
      scene.remove("z");
      scene.put("x", "1");
      scene.run_for(200);
      CHECK_FALSE(scene.down.exists("z"));
      CHECK(scene.down.exists("frozen/a"));
      CHECK(scene.down.exists("x"));
      CHECK(shows_upstream(scene));
      CHECK(scene.followed_pass().report().failed_deletes == 1);
      CHECK(log.lines_with("cannot be removed here") >= 1);
      CHECK(log.lines_with("cannot be removed here") <= 9);
      // Also for another process.
      scene.restart_follower();
      scene.run_for(45);
      CHECK(scene.followed_pass().state().deletes.at("frozen/a").rounds >= 4);
    }
    scene.run_for(700);
    CHECK(scene.equal());
    CHECK(scene.followed_pass().report().failed_deletes == 0);
  }

  TEST_CASE("a single run that cannot do a delete says so in its first rounds") {
    MirrorScene scene;
    scene.put("frozen/a", "1");
    scene.put("keep", "1");
    REQUIRE(scene.settle());
    scene.remove("frozen/a");
    const Locked locked({"unlink"}, "frozen/a");
    CHECK(scene.pass() == mirror::Pass::End::open);
    CHECK(scene.work().missing_lines(10).at(0).find("its delete cannot be done") != std::string::npos);
    for (int i = 0; i < 3; ++i) {
      scene.wait(5);
      scene.pass();
    }
    CHECK(scene.pass() == mirror::Pass::End::up_to_date);
  }

  TEST_CASE("a directory that may not be entered stops nothing outside of it") {
    FollowScene scene;
    begin(scene, {"priv/a", "priv/b", "f"});
    {
      const Locked locked({"lstat", "unlink"}, "priv/");
      scene.upstream.unreadable = {"priv/a"};
      scene.put("priv/a", "2");
      scene.remove("priv/b");
      scene.put("news", "1");
      scene.remove("f");
      scene.run_for(200);
      CHECK(scene.down.exists("news"));
      CHECK_FALSE(scene.down.exists("f"));
      CHECK(shows_upstream(scene));
      CHECK(scene.followed_pass().report().known_missing == 1);
    }
    scene.upstream.unreadable.clear();
    scene.run_for(700);
    CHECK(scene.equal());
  }

  TEST_CASE("a directory that nobody may read, as lost+found, is no obstacle to adoption or prune") {
    FollowScene scene;
    scene.down.make_directory("lost+found");
    scene.down.write("stray", "x");
    scene.put("a", "1");
    CapturedStderr log;
    const Locked locked({"list"}, "lost+found");
    scene.run_for(45);
    CHECK(scene.followed_pass().report().up_to_date);
    CHECK_FALSE(scene.followed_pass().state().adopting);
    scene.options.deletes.prune = true;
    scene.restart_follower();
    scene.run_for(45);
    CHECK_FALSE(scene.down.exists("stray"));
    CHECK(scene.followed_pass().report().up_to_date);
    CHECK(log.lines_with("cannot be read") >= 1);
  }

  TEST_CASE("files in the way of a file that is due are deletes, and go to the quarantine") {
    FollowScene scene;
    TempTree pen("pen");
    scene.options.deletes.quarantine = pen.path("q");
    begin(scene, {"keep"});
    scene.down.write("d/e/mine", "x");
    scene.down.make_directory("d/empty/er");
    scene.put("d", "a file");
    scene.run_for(45);
    CHECK(scene.down.read("d") == "a file");
    CHECK(shows_upstream(scene));
    int kept = 0;
    for (const auto& name : pen.list("q")) kept += name.ends_with("/d/e/mine") ? 1 : 0;
    CHECK(kept == 1);
  }

  TEST_CASE("empty directories in the way of a file go") {
    MirrorScene scene;
    scene.down.make_directory("d/e/f");
    scene.put("d", "a file");
    REQUIRE(scene.settle());
    CHECK(scene.down.read("d") == "a file");
  }

  TEST_CASE("what is in the way stays where it is too much, or another tree, and stops nothing else") {
    FollowScene scene;
    scene.options.deletes.limit = DeleteLimit::parse("3").value();
    begin(scene, {"keep", "old"});
    for (int i = 0; i < 9; ++i) scene.down.write("d/f" + std::to_string(i), "x");
    scene.down.write("t/.recentd/state", "x");
    scene.down.write("t/content", "x");
    scene.put("d", "a file");
    scene.put("t", "a file");
    scene.put("new", "1");
    scene.remove("old");
    CapturedStderr log;
    scene.run_for(200);
    CHECK(below(scene, "d/f") == 9);
    CHECK(scene.down.exists("t/content"));
    CHECK(scene.down.exists("new"));
    CHECK_FALSE(scene.down.exists("old"));
    CHECK(shows_upstream(scene));
    CHECK(scene.followed_pass().report().known_missing == 2);
    CHECK(log.lines_with("ALARM") >= 1);
    scene.options.deletes.limit = DeleteLimit::none();
    scene.restart_follower();
    scene.run_for(700);
    CHECK(scene.down.read("d") == "a file");
    CHECK(scene.down.exists("t/content"));
  }

  TEST_CASE("a file for which there is no room rests, the others come, and deletes make room for it") {
    FollowScene scene;
    begin(scene, {"rel-1", "keep"});
    scene.upstream.unfit = {"rel-2"};
    scene.put("a", "1");
    scene.put("rel-2", "1");
    scene.put("small", "1");
    scene.remove("rel-1");
    CapturedStderr log;
    scene.run_for(15);
    CHECK(scene.down.exists("small"));
    CHECK(scene.down.exists("a"));
    CHECK(log.lines_with("no room in " + scene.down.path()) >= 1);
    CHECK(log.lines_with("bytes free") >= 1);
    scene.run_for(200);
    CHECK_FALSE(scene.down.exists("rel-1"));
    CHECK(shows_upstream(scene));
    CHECK(scene.followed_pass().report().known_missing == 1);
    scene.upstream.unfit.clear();
    scene.run_for(700);
    CHECK(scene.equal());
  }
}
