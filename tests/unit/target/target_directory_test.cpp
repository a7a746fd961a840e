#include "target/target_directory.hpp"

#include <filesystem>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/fake_clock.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::target;
using transport::Address;

namespace {

struct Scene {
  recentd::test::TempTree tree{"place"};
  recentd::test::FakeClock clock{1'700'000'000};
  MirrorOptions options;
  std::vector<Address> sources;

  Scene() { options.target = tree.path("target"); }
  void open() { TargetDirectory(options, sources, clock); }
  std::string refusal() {
    try {
      open();
    } catch (const Error& error) {
      return error.what();
    }
    return "taken";
  }
};

}  // namespace

TEST_SUITE("target::target_directory") {
  TEST_CASE("a mirror that did not even start leaves nothing behind") {
    Scene scene;
    scene.open();
    CHECK(scene.tree.list().empty());
    scene.tree.make_directory("target");
    scene.open();
    CHECK(scene.tree.list() == std::vector<std::string>{"target/"});
  }

  TEST_CASE("once a state was saved everything stays") {
    Scene scene;
    {
      const TargetDirectory place(scene.options, scene.sources, scene.clock);
      CHECK(place.private_directory() == place.target() + "/.recentd");
      CHECK(place.index_directory() == place.private_directory());
      scene.tree.write("target/.recentd/state", "x");
    }
    CHECK(scene.tree.exists("target/.recentd/state"));
  }

  TEST_CASE("a note of a promotion goes once the target is a mirror again, and not before") {
    Scene scene;
    scene.options.places.adopt = true;
    scene.tree.write("target/.recentd/promoted", "promoted: then\n");
    {
      const TargetDirectory place(scene.options, scene.sources, scene.clock);
      CHECK(place.tenant() == Tenant::promoted);
    }
    CHECK(scene.tree.exists("target/.recentd/promoted"));
    scene.tree.write("target/.recentd/state", "x");
    scene.open();
    CHECK_FALSE(scene.tree.exists("target/.recentd/promoted"));
  }

  TEST_CASE("notes of what came and may not be on the disk stay, with or without a state") {
    Scene scene;
    {
      const TargetDirectory place(scene.options, scene.sources, scene.clock);
      scene.tree.make_directory("target/.recentd/unfinished");
      scene.tree.write("target/.recentd/unfinished/lost-1", "x");
    }
    CHECK(scene.tree.exists("target/.recentd/unfinished/lost-1"));
    scene.open();
    CHECK(scene.tree.exists("target/.recentd/unfinished/lost-1"));
  }

  TEST_CASE(
      "a target that is written like the address of another host is refused, unless there is such a "
      "directory") {
    Scene scene;
    for (const char* target :
         {"rsync://host/module", "host::module", "u@host:recentd-test-no-such", "[::1]:dir"}) {
      scene.options.target = target;
      CHECK(scene.refusal().find("is the address of another host") != std::string::npos);
      CHECK_FALSE(std::filesystem::exists(target));
    }
    scene.options.target = scene.tree.path("host:dir");
    CHECK(scene.refusal() == "taken");
  }

  TEST_CASE("a target that is missing is made, but not its parents, and not if it has to be there") {
    Scene scene;
    scene.options.places.target_must_exist = true;
    CHECK(scene.refusal().find("does not exist") != std::string::npos);
    scene.options.places.target_must_exist = false;
    scene.options.target = scene.tree.path("a/b");
    CHECK(scene.refusal().find("does not exist") != std::string::npos);
    scene.options.target = scene.tree.write("file", "x");
    CHECK(scene.refusal().find("is no directory") != std::string::npos);
    scene.options.target = "";
    CHECK(scene.refusal().find("the target is empty") != std::string::npos);
  }

  TEST_CASE("a target in its own source is refused, beside it is fine") {
    Scene scene;
    scene.sources = {Address::parse(scene.tree.path())};
    CHECK(scene.refusal().find("inside the source") != std::string::npos);
    scene.sources = {Address::parse(scene.tree.make_directory("source"))};
    CHECK(scene.refusal() == "taken");
    scene.options.target = scene.tree.path("source");
    CHECK(scene.refusal().find("the source itself") != std::string::npos);
    scene.sources = {Address::parse(scene.tree.path("none"))};
    CHECK(scene.refusal().find("does not exist") != std::string::npos);
    scene.sources = {Address::parse(scene.tree.make_directory("around/source"))};
    scene.options.target = scene.tree.path("around");
    CHECK(scene.refusal().find("holds the source") != std::string::npos);
    CHECK(scene.tree.list("around") == std::vector<std::string>{"source/"});
  }

  TEST_CASE("a second process, or a second mirror of this one, is kept out") {
    Scene scene;
    const TargetDirectory first(scene.options, scene.sources, scene.clock);
    CHECK(scene.refusal().find("is being mirrored by process") != std::string::npos);
    CHECK(scene.tree.exists("target/.recentd/lock"));
  }

  TEST_CASE("a tempdir has a place of the target's own, and goes with it") {
    Scene scene;
    scene.options.places.tempdir = scene.tree.make_directory("temp");
    {
      const TargetDirectory place(scene.options, scene.sources, scene.clock);
      CHECK(place.index_directory().starts_with(scene.tree.path("temp/.recentd-")));
    }
    CHECK(scene.tree.list("temp").empty());
    scene.options.places.tempdir = scene.tree.path("none");
    CHECK(scene.refusal().find("is no directory") != std::string::npos);
    scene.options.places.tempdir = "/proc";
    CHECK(scene.refusal().find("another file system") != std::string::npos);
  }

  TEST_CASE("another directory in the target's place is noticed, and left alone at the end") {
    Scene scene;
    {
      const TargetDirectory place(scene.options, scene.sources, scene.clock);
      CHECK_FALSE(place.replaced());
      CHECK_NOTHROW(place.demand_same());
      std::filesystem::rename(scene.tree.path("target"), scene.tree.path("moved"));
      CHECK_THROWS_WITH_AS(place.demand_same(), doctest::Contains("is gone"), Error);
      CHECK_FALSE(place.replaced());
      scene.tree.make_directory("target/.recentd");
      CHECK(place.replaced());
      CHECK_THROWS_WITH_AS(place.demand_same(), doctest::Contains("another directory is in the place"),
                           Error);
    }
    CHECK(scene.tree.exists("target/.recentd"));
  }

  TEST_CASE("a link to the target that leads elsewhere means another target, wherever the old one is now") {
    Scene scene;
    scene.tree.make_directory("first");
    scene.tree.make_directory("second");
    scene.tree.make_link("link", "first");
    scene.options.target = scene.tree.path("link/");
    const auto point_at = [&](const std::string& name) {
      scene.tree.remove("link");
      scene.tree.make_link("link", name);
    };
    const TargetDirectory place(scene.options, scene.sources, scene.clock);
    CHECK(place.target() == std::filesystem::canonical(scene.tree.path("first")));
    CHECK_NOTHROW(place.demand_same());
    point_at("second");
    CHECK(place.replaced());
    CHECK_THROWS_AS(place.demand_same(), Error);
    point_at("none");
    CHECK_FALSE(place.replaced());
    CHECK_THROWS_WITH_AS(place.demand_same(), doctest::Contains("is gone"), Error);
    std::filesystem::rename(scene.tree.path("first"), scene.tree.path("third"));
    point_at("third");
    CHECK(place.replaced());
    std::filesystem::rename(scene.tree.path("third"), scene.tree.path("first"));
    point_at("first");
    CHECK_FALSE(place.replaced());
    CHECK_NOTHROW(place.demand_same());
  }

  TEST_CASE("a private directory that was taken away means to begin anew") {
    Scene scene;
    const TargetDirectory place(scene.options, scene.sources, scene.clock);
    scene.tree.remove("target/.recentd");
    CHECK(place.replaced());
  }
}
