// What goes wrong around a service in the course of years, one test for each: it stays alive, says what is
// wrong, goes on by itself, and loses nothing.

#include <cerrno>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "state/state_store.hpp"
#include "support/follow_scene.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::test;
using Nature = transport::Problem::Nature;

namespace {

void begin(FollowScene& scene) {
  scene.put("a", "1");
  scene.put("d/b", "2");
  scene.aggregate();
  scene.run_for(100);
  REQUIRE(scene.equal());
}

// Each operation on the target's file system that would write fails with this error from the n-th on.
void break_disk(int errno_value, int from = 0) {
  sys::set_fault_hook([=, n = 0](std::string_view operation, std::string_view path) mutable {
    const bool writes = operation == "write" || operation == "rename" || operation == "mkdir" ||
                        operation == "unlink" || operation == "link" || operation == "create";
    if (!writes || path.find("down") == std::string_view::npos) return 0;
    return n++ >= from ? errno_value : 0;
  });
}

// The trouble lasts an hour in which the origin goes on; after it the mirror has to catch up by itself.
void survive(FollowScene& scene, const std::string& words, const std::function<void()>& cause,
             const std::function<void()>& cure) {
  begin(scene);
  CapturedStderr log;
  cause();
  scene.put("new", "3");
  scene.remove("a");
  scene.run_for(3600);
  CHECK(log.lines_with(words) >= 1);
  CHECK(log.lines_with(words) <= 10);
  cure();
  scene.run_for(400);
  CHECK(log.lines_with("all is well again") == 1);
  CHECK(scene.equal());
}

}  // namespace

TEST_SUITE("sim::survival") {
  TEST_CASE("an upstream without rsync, without a name, with another password, with another module") {
    for (const auto& problem : {transport::Problem{Nature::unreachable, "connection refused"},
                                transport::Problem{Nature::unreachable, "name does not resolve"},
                                transport::Problem{Nature::authentication, "auth failed"},
                                transport::Problem{Nature::missing, "Unknown module"}}) {
      FollowScene scene;
      survive(
          scene, problem.message, [&] { scene.upstream.refuses = problem; },
          [&] { scene.upstream.refuses.reset(); });
    }
  }

  TEST_CASE("an upstream that loses its index for a while, or shows a broken one") {
    FollowScene scene;
    survive(
        scene, "RECENT.recent",
        [&] {
          scene.upstream.unreadable = {"RECENT.recent", "RECENT-1h.yaml"};
        },
        [&] { scene.upstream.unreadable.clear(); });
    FollowScene broken;
    survive(
        broken, "RECENT-1h.yaml", [&] { broken.upstream.replaced["RECENT-1h.yaml"] = "--- garbage"; },
        [&] { broken.upstream.replaced.clear(); });
  }

  TEST_CASE("a disk that is full or read-only") {
    for (const int errno_value : {ENOSPC, EROFS, EIO}) {
      FollowScene scene;
      survive(
          scene, "down", [&] { break_disk(errno_value); }, [] { sys::set_fault_hook({}); });
    }
  }

  TEST_CASE("a clock that jumps ten years forward or back, in the middle of any trouble") {
    for (const double years : {10.0, -10.0}) {
      FollowScene scene;
      begin(scene);
      scene.put("bad", "3");
      scene.upstream.unreadable = {"bad"};
      scene.run_for(4000);
      const double jump = years * 365.25 * 86400;
      scene.clock.set(scene.clock.seconds() + jump);
      scene.upstream.unreadable.clear();
      scene.run_for(3700);
      CHECK(scene.equal());
      scene.up.write("new", "4");
      scene.announce("new", EventType::new_);
      scene.aggregate();
      scene.remove("a");
      scene.run_for(100);
      CHECK(scene.equal());
      CHECK(scene.followed_pass().report().up_to_date);
      scene.clock.set(scene.clock.seconds() - jump);
      scene.put("newer", "5");
      scene.run_for(100);
      CHECK(scene.equal());
      CHECK(scene.followed_pass().report().up_to_date);
    }
  }

  TEST_CASE("a state that was copied from another target is not believed, and deletes nothing here") {
    MirrorScene scene, other;
    scene.put("a", "1");
    scene.put("b", "2");
    REQUIRE(scene.settle());
    scene.remove("b");
    scene.upstream.unreadable = {"a"};
    other.put("b", "of the other tree");
    other.down.write(".recentd/state", *scene.down.read(".recentd/state"));
    CapturedStderr log;
    REQUIRE(other.settle());
    CHECK(log.lines_with("made for another directory") == 1);
    CHECK(other.equal());
    CHECK(other.restart().run() == mirror::Pass::End::up_to_date);
    CHECK(log.lines_with("made for another directory") == 1);
  }

  TEST_CASE("with fsync none, another boot of the machine has everything checked again, once") {
    MirrorScene scene;  // its policy is none
    scene.put("a", "1");
    REQUIRE(scene.settle());
    state::StateStore store(scene.down.path(".recentd"), Fsync::none);
    auto state = *store.load();
    CHECK(state.boot_id.size() == 36);
    state.boot_id = "of the last boot";
    store.save(state);
    scene.down.write("a", "lost in the power cut");
    CapturedStderr log;
    REQUIRE((scene.restart(), scene.settle()));
    CHECK(scene.down.read("a") == "1");
    CHECK(log.lines_with("restarted") == 1);
    REQUIRE((scene.restart(), scene.settle()));
    CHECK(log.lines_with("restarted") == 1);
  }

  TEST_CASE("memory that cannot be had is a failed poll") {
    FollowScene scene;
    survive(
        scene, "not enough memory",
        [&] { scene.upstream.before_fetch = [](const auto&) { throw std::bad_alloc(); }; },
        [&] { scene.upstream.before_fetch = {}; });
  }

  TEST_CASE("events that the upstream should not tell are told by name a few times, then counted") {
    MirrorScene scene;
    std::vector<std::vector<std::string>> events;
    for (int i = 500; i-- > 0;) {
      const auto epoch = std::to_string(1'600'000'000 + 3 * i);
      events.push_back({epoch + ".2", "new", "../out" + std::to_string(i)});
      events.push_back({epoch + ".1", "new", "lost" + std::to_string(i)});
      events.push_back({epoch, "odd", "type" + std::to_string(i)});
    }
    scene.write_index("", events);
    CapturedStderr log;
    for (int i = 0; i < 3; ++i) {
      (void)scene.pass();
      scene.wait(5);
    }
    for (const char* what : {"could leave the tree", "has not", "unknown type"}) {
      CAPTURE(what);
      CHECK(log.lines_with(what) == 11);
    }
    CHECK(log.lines_with("490 more") == 3);
  }

  TEST_CASE("a disk that is full at any point of a pass: the next one goes on and loses nothing") {
    for (int from = 0; from < 60; from += 3) {
      CAPTURE(from);
      FollowScene scene;
      begin(scene);
      CapturedStderr quiet;
      scene.put("new", "3");
      scene.put("d/b", "4");
      scene.remove("a");
      scene.aggregate();
      break_disk(ENOSPC, from);
      scene.run_for(60);
      sys::set_fault_hook({});
      scene.run_for(400);
      CHECK(scene.equal());
      CHECK(scene.followed_pass().report().up_to_date);
    }
  }
}
