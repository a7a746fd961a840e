// A target that holds another tree's target or origin.

#include <doctest/doctest.h>

#include "support/follow_scene.hpp"
#include "support/mirror_scene.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

// A mirror that has `a` and `in/x`; then `in` becomes another mirror's target.
struct Scene : MirrorScene {
  Scene() {
    options.deletes.limit = DeleteLimit::parse("none").value();
    put("a", "a");
    put("in/x", "outer");
    aggregate();
    REQUIRE(settle());
    CHECK(down.read("in/x") == "outer");
    down.write("in/.recentd/state", "inner");
    down.write("in/own", "inner");
  }
  [[nodiscard]] bool inner_is_whole() const {
    return down.read("in/.recentd/state") == "inner" && down.read("in/own") == "inner" &&
           down.read("in/x") == "outer";
  }
};

}  // namespace

TEST_SUITE("sim::inner") {
  TEST_CASE("what the index tells of an inner target is neither fetched nor deleted, and holds up nothing") {
    Scene scene;
    scene.put("in/x", "newer");
    scene.put("in/d/y", "new");
    scene.put("b", "b");
    const CapturedStderr log;
    REQUIRE(scene.settle());
    CHECK(scene.inner_is_whole());
    CHECK_FALSE(scene.down.exists("in/d"));
    CHECK(scene.down.read("b") == "b");
    CHECK(scene.work().report().skipped == 2);
    CHECK(log.lines_with("left alone") > 0);
    scene.remove("in/x");
    scene.remove("b");
    REQUIRE(scene.settle());
    CHECK(scene.inner_is_whole());
    CHECK_FALSE(scene.down.exists("b"));
  }

  TEST_CASE("a delete that was queued before the inner target came is not done in it") {
    MirrorScene scene;
    scene.options.deletes.limit = DeleteLimit::parse("0").value();
    scene.put("a", "a");
    scene.put("in/x", "outer");
    scene.aggregate();
    REQUIRE(scene.settle());
    scene.remove("in/x");
    CHECK(scene.pass() == mirror::Pass::End::open);
    scene.down.write("in/.recentd/state", "inner");
    scene.options.deletes.accept = true;
    scene.restart();
    REQUIRE(scene.settle());
    CHECK(scene.down.read("in/x") == "outer");
  }

  TEST_CASE("prune and an adopted target leave inner targets and origins alone, and tell of them") {
    MirrorScene scene;
    scene.options.deletes.limit = DeleteLimit::parse("none").value();
    scene.put("a", "a");
    scene.put("authors/RECENT.recent", "an index of the archive's own");
    scene.aggregate();
    scene.down.write("in/.recentd/state", "inner");
    scene.down.write("in/own", "inner");
    scene.down.write("made/here/RECENT.recent", "an origin");
    scene.down.write("made/here/d/f", "f");
    scene.down.write("made/stray", "x");
    scene.down.write("authors/stray", "x");
    const CapturedStderr log;
    REQUIRE(scene.settle());
    CHECK(scene.work().report().extra == 2);
    scene.options.deletes.prune = true;
    scene.restart();
    REQUIRE(scene.settle());
    for (const char* name : {"in/own", "in/.recentd/state", "made/here/d/f", "made/here/RECENT.recent"})
      CHECK(scene.down.exists(name));
    for (const char* name : {"made/stray", "authors/stray"}) CHECK_FALSE(scene.down.exists(name));
    CHECK(log.text().find("directory=made/here") != std::string::npos);
    CHECK(log.text().find("directory=in") != std::string::npos);
  }

  TEST_CASE("with a quarantine an inner target is left alone, too") {
    Scene scene;
    TempTree kept{"kept"};
    scene.options.deletes.quarantine = kept.path();
    scene.options.deletes.prune = true;
    scene.restart();
    scene.remove("in/x");
    scene.remove("a");
    REQUIRE(scene.settle());
    CHECK(scene.inner_is_whole());
    CHECK_FALSE(scene.down.exists("a"));
  }
}
