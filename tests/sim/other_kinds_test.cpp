// Links that leave the tree, and what is neither file nor link.

#include <functional>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/mirror_scene.hpp"

using namespace recentd;
using namespace recentd::test;

TEST_SUITE("sim::other_kinds") {
  TEST_CASE("what became a link out of the tree, a fifo or a socket is gone here, like any delete") {
    MirrorScene scene;
    for (const char* name : {"d/link", "d/pipe", "safe", "good"}) scene.put(name, "old");
    REQUIRE(scene.settle());
    const auto become = [&](const std::string& name, const std::function<void()>& make) {
      scene.up.remove(name);
      make();
      scene.announce(name, EventType::new_);
    };
    become("d/link", [&] { scene.up.make_link("d/link", "/etc/passwd"); });
    become("d/pipe", [&] { REQUIRE(::mkfifo(scene.up.path("d/pipe").c_str(), 0600) == 0); });
    become("safe", [&] { scene.up.make_link("safe", "good"); });
    REQUIRE(scene.settle());
    CHECK_FALSE(scene.down.exists("d"));
    CHECK(scene.down.link("safe") == "good");
    CHECK(scene.down.read("good") == "old");
    CHECK(scene.work().state().deletes.empty());
    // A link within the tree that leads out of it now.
    become("safe", [&] { scene.up.make_link("safe", "../good"); });
    REQUIRE(scene.settle());
    CHECK_FALSE(scene.down.exists("safe"));
    // And back.
    become("d/link", [&] { scene.up.make_link("d/link", "../good"); });
    REQUIRE(scene.settle());
    CHECK(scene.down.link("d/link") == "../good");
  }

  TEST_CASE("many files that became links out of the tree are a flood of deletes") {
    MirrorScene scene;
    scene.options.deletes.limit = *DeleteLimit::parse("3");
    for (int i = 0; i < 6; ++i) scene.put("f" + std::to_string(i), "old");
    REQUIRE(scene.settle());
    for (int i = 0; i < 4; ++i) {
      scene.up.remove("f" + std::to_string(i));
      scene.up.make_link("f" + std::to_string(i), "/nowhere");
      scene.announce("f" + std::to_string(i), EventType::new_);
    }
    CHECK_FALSE(scene.settle());
    CHECK(scene.down.read("f0") == "old");
    CHECK(scene.work().state().deletes.size() == 4);
  }

  TEST_CASE("what somebody put into the target because the upstream has it stays there") {
    MirrorScene scene;
    scene.up.make_link("out", "/usr/share");
    scene.up.make_link("other", "/usr/share");
    scene.down.make_link("out", "/usr/share");
    scene.down.make_directory("other");
    scene.announce("out", EventType::new_);
    scene.announce("other", EventType::new_);
    REQUIRE(scene.settle());
    CHECK(scene.down.link("out") == "/usr/share");
    CHECK(scene.down.exists("other"));
    CHECK(scene.work().state().deletes.empty());
  }
}
