#include "target/quarantine.hpp"

#include <cerrno>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/fake_clock.hpp"
#include "support/tools/temp_tree.hpp"
#include "sys/fault.hpp"
#include "sys/tree/remove_tree.hpp"

using namespace recentd;
using namespace recentd::target;
using test::FakeClock;
using test::TempTree;
using Open = Quarantine::Open;

namespace {

RelPath rel(const char* path) {
  return RelPath::parse(path, sys::any_name()).value();
}

struct Scene {
  TempTree tree{"quarantine"};
  std::string root = (tree.make_directory("target/.recentd"), tree.path("target"));
  sys::Dir target = sys::Dir(root);
  FakeClock clock{1'700'000'000};

  Quarantine make(const char* name = "q", Open how = Open::make) {
    return {tree.path(name), target, clock, how};
  }
  std::string refusal(const char* name, Open how = Open::make) {
    try {
      make(name, how);
    } catch (const Error& error) {
      return error.what();
    }
    return "taken";
  }
};

}  // namespace

TEST_SUITE("target::quarantine") {
  TEST_CASE("one that was killed, or lost its power, while it was made is made by the next") {
    for (const char* left : {".recentd-quarantine.new", ".recentd-quarantine", ".recentd-probe"}) {
      Scene scene;
      scene.tree.write(std::string("q/") + left, "");
      auto quarantine = scene.make();
      scene.tree.write("target/a", "x");
      CHECK(quarantine.take(rel("a")) == sys::Dir::Move::moved);
      CHECK(scene.refusal("q", Open::existing) == "taken");
    }
    Scene scene;
    scene.tree.write("q/.recentd-quarantine.new", "");
    scene.tree.write("q/somebody's", "");
    CHECK(scene.refusal("q").find("holds something else") != std::string::npos);
  }

  TEST_CASE("what is taken keeps its path, and a path that comes again goes to a new generation") {
    Scene scene;
    auto quarantine = scene.make();
    for (int round = 0; round < 2; ++round) {
      scene.tree.write("target/d/a", "version " + std::to_string(round));
      CHECK(quarantine.take(rel("d/a")) == sys::Dir::Move::moved);
    }
    CHECK(quarantine.take(rel("d/none")) == sys::Dir::Move::absent);
    const auto generations = quarantine.generations();
    REQUIRE(generations.size() == 2);
    CHECK(generations[0].time > generations[1].time);
    CHECK(scene.tree.read("q/" + generations[0].name + "/d/a") == "version 1");
    CHECK(scene.tree.read("q/" + generations[1].name + "/d/a") == "version 0");
  }

  TEST_CASE("a round that was closed is a generation of its own, an empty one goes") {
    Scene scene;
    auto quarantine = scene.make();
    for (const char* name : {"target/a", "target/b"}) scene.tree.write(name, "x");
    quarantine.take(rel("a"));
    quarantine.close_generation();
    quarantine.take(rel("b"));
    const auto generations = quarantine.generations();
    REQUIRE(generations.size() == 2);
    quarantine.drop_if_empty(generations[0]);
    CHECK(quarantine.generations().size() == 2);
    scene.tree.remove("q/" + generations[0].name + "/b");
    quarantine.drop_if_empty(generations[0]);
    CHECK(quarantine.generations().size() == 1);
  }

  TEST_CASE("places where files would be served or lost are refused before anything is made") {
    Scene scene;
    scene.tree.write("full/file", "somebody's");
    CHECK(scene.refusal("target/q").find("lies in the target") != std::string::npos);
    CHECK(scene.refusal("target").find("lies in the target") != std::string::npos);
    CHECK(scene.refusal("").find("holds the target") != std::string::npos);
    CHECK(scene.refusal("none/q").find("does not exist") != std::string::npos);
    CHECK(scene.refusal("full").find("something else") != std::string::npos);
    CHECK(scene.refusal("q", Open::existing) != "taken");
    CHECK_FALSE(scene.tree.exists("target/q"));
  }

  TEST_CASE("each target needs its own; the same one comes back to it") {
    Scene scene;
    scene.make();
    CHECK(scene.refusal("q") == "taken");
    CHECK(scene.refusal("q", Open::existing) == "taken");
    scene.tree.make_directory("other/.recentd");
    const sys::Dir other(scene.tree.path("other"));
    CHECK_THROWS_WITH_AS(Quarantine(scene.tree.path("q"), other, scene.clock, Open::make),
                         doctest::Contains("each target needs its own"), Error);
  }

  TEST_CASE("generations are swept when their time is over, and others' names are left alone") {
    Scene scene;
    auto quarantine = scene.make();
    scene.tree.write("target/a", "x");
    quarantine.take(rel("a"));
    scene.tree.write("q/2026-notes", "somebody's");
    constexpr auto k_day = std::chrono::hours(24);
    CHECK(quarantine.sweep(k_day) == 0);
    scene.clock.set(scene.clock.seconds() + 86'500);
    CHECK(quarantine.sweep(k_day) == 0);  // it looks once an hour
    scene.clock.sleep_for(std::chrono::hours(1));
    CHECK(quarantine.sweep(k_day) == 1);
    CHECK(quarantine.generations().empty());
    CHECK(scene.tree.exists("q/2026-notes"));
  }

  TEST_CASE("what cannot be swept stops neither the sweep nor the mirror, and is tried again") {
    Scene scene;
    auto quarantine = scene.make();
    for (const char* name : {"target/d/stuck", "target/d/free", "target/x"}) scene.tree.write(name, "x");
    for (const char* name : {"d/stuck", "d/free"}) quarantine.take(rel(name));
    quarantine.close_generation();
    quarantine.take(rel("x"));
    scene.clock.set(scene.clock.seconds() + 86'500);
    sys::set_fault_hook([](std::string_view operation, std::string_view path) {
      return operation == "unlink" && path.ends_with("stuck") ? EPERM : 0;
    });
    CHECK(quarantine.sweep(std::chrono::hours(24)) == 1);
    sys::set_fault_hook({});
    const auto left = quarantine.generations();
    REQUIRE(left.size() == 1);
    CHECK(scene.tree.list("q/" + left[0].name) == std::vector<std::string>{"d/", "d/stuck"});
    scene.clock.sleep_for(std::chrono::hours(1));
    CHECK(quarantine.sweep(std::chrono::hours(24)) == 1);
    CHECK(quarantine.generations().empty());
  }

  TEST_CASE("the target remembers which quarantine it used last") {
    Scene scene;
    CHECK_FALSE(noted_quarantine(scene.root));
    note_quarantine(scene.root, "/q/1");
    note_quarantine(scene.root, "/q/2");
    CHECK(noted_quarantine(scene.root) == "/q/2");
  }
}
