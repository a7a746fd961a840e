#include "state/state_store.hpp"

#include <algorithm>
#include <array>

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
    CHECK(scene.remark.find("damaged and passed over") != std::string::npos);
    CHECK(scene.remark.ends_with("state.old' knows is taken"));
    scene.tree.write("state.new", scene.tree.read("state.old").value());
    scene.tree.remove("state.old");
    CHECK(scene.load() == "a::m");
    scene.tree.remove("state.new");
    CHECK(scene.load() == "nothing");
  }

  TEST_CASE("of whatever three files a crash or a disk leaves, the newest good one is taken, and stays") {
    using Content = std::string (*)(const std::string& good);
    const std::array<Content, 4> contents = {
        [](const std::string& good) { return good; }, [](const std::string&) { return std::string(); },
        [](const std::string& good) { return good.substr(0, good.size() - 3); },
        [](const std::string&) { return std::string("--- \nmeta: {}\n"); }};
    const std::array<const char*, 3> names = {"state", "state.new", "state.old"};  // newest first
    for (std::size_t combination = 0; combination < 64; ++combination) {
      CAPTURE(combination);
      Scene scene;
      std::string newest = "nothing";
      std::size_t damaged_before = 0;
      for (std::size_t i = 0, rest = combination; i < names.size(); ++i, rest /= 4) {
        MirrorState state;
        state.source = names[i];
        scene.tree.write(names[i], contents[rest % 4](encode(state)));
        if (newest != "nothing") continue;
        if (rest % 4 == 0)
          newest = names[i];
        else
          ++damaged_before;
      }
      CHECK(scene.load() == newest);
      CHECK(std::ranges::count(scene.remark, '\'') ==
            static_cast<std::ptrdiff_t>(damaged_before == 0   ? 0
                                        : newest == "nothing" ? 2 * damaged_before
                                                              : 2 * damaged_before + 2));
      // What is saved next takes the place of what was damaged, and never pushes a good one out by it.
      scene.save("next");
      CHECK(scene.load() == "next");
      CHECK(scene.remark.empty());
      scene.tree.write("state", "");
      CHECK(scene.load() == newest);
    }
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
