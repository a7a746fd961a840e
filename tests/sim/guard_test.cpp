// Floods of deletes that do not come in one piece.

#include <doctest/doctest.h>

#include "support/mirror_scene.hpp"

using namespace recentd;
using namespace recentd::test;
using PassEnd = mirror::Pass::End;

namespace {

void put_files(MirrorScene& scene, int count) {
  for (int i = 0; i < count; ++i) scene.put("f" + std::to_string(i), "x");
  scene.aggregate();
}

void remove_files(MirrorScene& scene, int from, int to) {
  for (int i = from; i < to; ++i) scene.remove("f" + std::to_string(i));
}

int count_files(const MirrorScene& scene) {
  int count = 0;
  for (const auto& name : scene.down.list()) count += name.starts_with("f") ? 1 : 0;
  return count;
}

}  // namespace

TEST_SUITE("sim::guard") {
  TEST_CASE("a flood that several levels tell is recognised before its first file is gone") {
    MirrorScene scene;
    scene.options.deletes.limit = DeleteLimit::parse("10").value();
    put_files(scene, 40);
    REQUIRE(scene.settle());
    remove_files(scene, 0, 8);
    scene.aggregate();
    scene.wait(2 * 3600);
    remove_files(scene, 8, 16);  // alone in the principal now
    CHECK(scene.pass() == PassEnd::open);
    CHECK(count_files(scene) == 40);
    CHECK(scene.work().report().held_deletes == 16);
    scene.options.deletes.accept = true;
    scene.restart();
    REQUIRE(scene.settle());
    CHECK(scene.equal());
  }

  TEST_CASE("deletes of more than one level that are few together are done") {
    MirrorScene scene;
    scene.options.deletes.limit = DeleteLimit::parse("40%").value();
    put_files(scene, 40);
    REQUIRE(scene.settle());
    remove_files(scene, 0, 8);
    scene.aggregate();
    scene.wait(2 * 3600);
    remove_files(scene, 8, 16);
    REQUIRE(scene.settle());
    CHECK(scene.equal());
  }

  TEST_CASE("what is held stays held over restarts and a rewritten history, and so does what is accepted") {
    MirrorScene scene;
    scene.options.deletes.limit = DeleteLimit::parse("5").value();
    put_files(scene, 20);
    REQUIRE(scene.settle());
    remove_files(scene, 0, 10);
    for (int i = 0; i < 3; ++i) {
      CHECK(scene.pass() == PassEnd::open);
      CHECK(count_files(scene) == 20);
      scene.restart();
    }
    scene.announce("f19", EventType::new_, Epoch::parse("1600000000"));  // a new dirtymark
    scene.aggregate();
    CHECK(scene.pass() == PassEnd::open);
    CHECK(count_files(scene) == 20);
    scene.options.deletes.accept = true;
    scene.restart();
    REQUIRE(scene.settle());
    CHECK(count_files(scene) == 10);
  }

  TEST_CASE("a small tree that loses half of its files is held back, one file less is not") {
    for (const int lost : {29, 30}) {
      CAPTURE(lost);
      MirrorScene scene;
      put_files(scene, 60);
      REQUIRE(scene.settle());
      remove_files(scene, 0, lost);
      CHECK(scene.pass() == (lost < 30 ? PassEnd::up_to_date : PassEnd::open));
      CHECK(count_files(scene) == (lost < 30 ? 31 : 60));
      CHECK(scene.work().report().held_deletes == (lost < 30 ? 0 : 30));
      CHECK(scene.work().report().held_of == (lost < 30 ? 0 : 60));
      scene.options.deletes.accept = true;
      scene.restart();
      REQUIRE(scene.settle());
      CHECK(scene.equal());
    }
  }

  TEST_CASE("of a partial mirror the tree is what it wants") {
    for (const bool by_size : {true, false}) {
      CAPTURE(by_size);
      MirrorScene scene;
      if (by_size)
        scene.options.select.max_file_size = 100;
      else
        REQUIRE(scene.options.select.filter.add("- /others/"));
      for (int i = 0; i < 50; ++i) scene.put("others/" + std::to_string(i), std::string(1000, 'x'));
      put_files(scene, 40);
      REQUIRE(scene.settle());
      CHECK_FALSE(scene.down.exists("others/0"));
      remove_files(scene, 0, 35);
      CHECK(scene.pass() == PassEnd::open);
      CHECK(count_files(scene) == 40);
      CHECK(scene.work().report().held_of == 40);
      for (int i = 0; i < 12; ++i) scene.put("f" + std::to_string(i), "again");
      CHECK(scene.settle());
      CHECK(count_files(scene) == 17);
    }
  }

  TEST_CASE("prune does not take most of what a small target holds") {
    MirrorScene scene;
    scene.options.deletes.prune = true;
    for (int i = 0; i < 30; ++i) (void)scene.down.write("mine/" + std::to_string(i), "mine");
    put_files(scene, 5);
    CHECK(scene.pass() == PassEnd::open);
    CHECK(scene.work().report().held_extra == 30);
    CHECK(scene.work().report().held_of == 35);
    CHECK(scene.down.exists("mine/29"));
    scene.options.deletes.limit = DeleteLimit::none();
    scene.restart();
    REQUIRE(scene.settle());
    CHECK(scene.equal());
  }

  TEST_CASE("the share is taken of what the whole index names, not of the level that tells the deletes") {
    MirrorScene scene;
    scene.options.deletes.limit = DeleteLimit::parse("10%").value();
    put_files(scene, 60);
    REQUIRE(scene.settle());
    scene.wait(2 * 3600);
    remove_files(scene, 0, 6);  // the principal names nothing else now
    scene.aggregate();
    REQUIRE(scene.settle());
    CHECK(scene.equal());
    remove_files(scene, 6, 12);  // 6 of 54
    CHECK(scene.pass() == PassEnd::open);
    CHECK(count_files(scene) == 54);
  }
}
