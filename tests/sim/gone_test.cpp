// Files that an index names and the upstream has not: known as gone for as long as the index is visible.

#include <doctest/doctest.h>

#include "support/mirror_scene.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::test;
using PassEnd = mirror::Pass::End;

namespace {

// The state as a kill between saving it and showing the principal would leave it.
std::string state_before_showing(MirrorScene& scene) {
  std::string state;
  sys::set_fault_hook([&](std::string_view, std::string_view path) {
    if (state.empty() && path == scene.down.path("RECENT-1h.yaml"))
      state = scene.down.read(".recentd/state").value_or("");
    return 0;
  });
  CHECK(scene.settle());
  sys::set_fault_hook({});
  return state;
}

// A file that was removed at the origin before anybody announced that.
void make_gone(MirrorScene& scene) {
  scene.put("a", "1");
  scene.put("f", "1");
  scene.aggregate();
  REQUIRE(scene.settle());
  scene.put("f", "2");
  scene.up.remove("f");
  scene.down.remove("f");
  REQUIRE(scene.settle());
  REQUIRE(scene.index(".recentd/state")->find("\tgone\tf\n") != std::string::npos);
}

}  // namespace

TEST_SUITE("sim::gone") {
  TEST_CASE("a gone file stays known until the index that tells its delete is visible") {
    MirrorScene scene;
    make_gone(scene);
    scene.announce("f", EventType::delete_);
    CHECK(state_before_showing(scene).find("\tgone\tf\n") != std::string::npos);
    CHECK(scene.index(".recentd/state")->find("\tgone\t") == std::string::npos);
  }

  TEST_CASE("a gone file stays known while a newer version of it is looked for") {
    MirrorScene scene;
    make_gone(scene);
    scene.announce("f", EventType::new_);  // and gone again
    scene.pass();
    CHECK(scene.index(".recentd/state")->find("\tgone\tf\n") != std::string::npos);
    scene.put("f", "3");
    CHECK(scene.settle());
    CHECK(scene.equal());
    CHECK(scene.index(".recentd/state")->find("\tgone\t") == std::string::npos);
  }
}
