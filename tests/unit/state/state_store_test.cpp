#include "state/state_store.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::state;

namespace {

struct Scene {
  recentd::test::TempTree tree{"state"};
  StateStore store{tree.path(), Fsync::none};
  std::string remark;

  void save(const char* source) {
    MirrorState state;
    state.source = source;
    store.save(state);
  }
  std::string load() {
    remark.clear();
    const auto state = store.load(&remark);
    return state ? state->source : "nothing";
  }
};

}  // namespace

TEST_SUITE("state::state_store") {
  TEST_CASE("the last state that was saved is loaded, and the one before it is kept") {
    Scene scene;
    CHECK_FALSE(scene.store.exists());
    CHECK(scene.load() == "nothing");
    scene.save("a::m");
    scene.save("b::m");
    CHECK(scene.store.exists());
    CHECK(scene.load() == "b::m");
    CHECK(scene.remark.empty());
    CHECK(scene.tree.list() == std::vector<std::string>{"state", "state.old"});
  }

  TEST_CASE("a damaged state is passed over for the next whole one, with a remark") {
    Scene scene;
    scene.save("a::m");
    scene.save("b::m");
    scene.tree.write("state", "recentd-state 2\nsource: b::m\n");
    CHECK(scene.load() == "a::m");
    CHECK(scene.remark.find("is damaged") != std::string::npos);
    scene.tree.write("state.new", scene.tree.read("state.old").value());
    scene.tree.remove("state.old");
    CHECK(scene.load() == "a::m");
    scene.tree.remove("state.new");
    CHECK(scene.load() == "nothing");
  }

  TEST_CASE("a state of a newer format is left alone, and both ways out are named") {
    Scene scene;
    scene.save("a::m");
    auto text = scene.tree.read("state").value();
    text.replace(text.find("recentd-state 3"), 15, "recentd-state 9");
    scene.tree.write("state", text);
    CHECK_THROWS_WITH_AS(scene.load(), doctest::Contains("--reset-state"), Error);
    CHECK(scene.tree.read("state") == text);
  }
}
