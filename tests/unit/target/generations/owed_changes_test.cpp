#include "target/generations/owed_changes.hpp"

#include <cerrno>

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::target;
using Paths = std::vector<std::string>;

namespace {

struct OwedScene {
  [[nodiscard]] OwedChanges owed(const char* boot = "boot") const { return {tree.path(), boot}; }
  [[nodiscard]] std::optional<Paths> one(const char* identity = "17") const {
    return owed().of(Generation::one, identity);
  }
  test::TempTree tree{"owed"};
};

}  // namespace

TEST_SUITE("target::owed_changes") {
  TEST_CASE("each generation is owed what changed since it began") {
    const OwedScene scene;
    const auto owed = scene.owed();
    owed.note("before");
    CHECK_FALSE(scene.tree.exists("generations"));
    CHECK_FALSE(scene.one());
    owed.begin(Generation::one, "17");
    CHECK(scene.one() == Paths{});
    owed.note({"b", "a\nline", "b"});
    owed.begin(Generation::two, "18");
    owed.note("c/d");
    CHECK(scene.one() == Paths{"a\nline", "b", "c/d"});
    CHECK(owed.of(Generation::two, "18") == Paths{"c/d"});
    owed.begin(Generation::one, "17");
    CHECK(scene.one() == Paths{});
    CHECK(owed.of(Generation::two, "18") == Paths{"c/d"});
  }

  TEST_CASE("what is of another boot, of another directory, cut, or no path, is unknown") {
    const OwedScene scene;
    scene.owed().begin(Generation::one, "17");
    scene.owed().note("a");
    CHECK_FALSE(scene.owed("other").of(Generation::one, "17"));
    CHECK_FALSE(scene.owed("").of(Generation::one, "17"));
    CHECK_FALSE(scene.one("18"));
    const auto whole = *scene.tree.read("generations/owed-1");
    for (const auto& damaged :
         {whole.substr(0, whole.size() - 1), whole.substr(0, 5), std::string(), "x" + whole,
          whole + std::string("../a\0", 5), whole + std::string("\0", 1)}) {
      scene.tree.write("generations/owed-1", damaged);
      CHECK_FALSE(scene.one());
    }
    scene.tree.write("generations/owed-1", whole);
    CHECK(scene.one() == Paths{"a"});
  }

  TEST_CASE("a path that cannot be noted makes all unknown, and stops nothing") {
    const OwedScene scene;
    scene.owed().begin(Generation::one, "17");
    sys::set_fault_hook(
        [](std::string_view operation, std::string_view) { return operation == "write" ? ENOSPC : 0; });
    scene.owed().note("a");
    sys::set_fault_hook({});
    CHECK_FALSE(scene.one());
    CHECK_FALSE(scene.tree.exists("generations/owed-1"));
  }

  TEST_CASE("if all may change, all is unknown") {
    const OwedScene scene;
    for (const auto generation : k_generations) scene.owed().begin(generation, "17");
    scene.owed().note_all();
    for (const auto generation : k_generations) CHECK_FALSE(scene.owed().of(generation, "17"));
  }
}
