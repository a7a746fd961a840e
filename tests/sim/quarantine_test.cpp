// How long a quarantine keeps what it holds.

#include "target/quarantine.hpp"

#include <utility>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/mirror_scene.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

constexpr double k_hour = 3600, k_day = 24 * k_hour, k_year = 365 * k_day;

// A mirror whose quarantine holds one file, deleted now.
struct Scene : MirrorScene {
  Scene() {
    options.deletes.quarantine = pen.path("q");
    put("keep", "k");
    put("path", "x");
    REQUIRE(settle());
    remove("path");
    REQUIRE(settle());
    REQUIRE(held() == 1);
  }
  [[nodiscard]] int held() const {
    int count = 0;
    for (const auto& name : pen.list("q")) count += name.ends_with("Z/path") ? 1 : 0;
    return count;
  }
  // So long, with a pass every few hours.
  void live(double seconds) {
    for (double left = seconds; left > 0; left -= 6 * k_hour) {
      wait(std::min(left, 6 * k_hour));
      clock.sleep_for(std::chrono::hours(6));
      REQUIRE(settle());
    }
  }
  TempTree pen{"pen"};
};

}  // namespace

TEST_SUITE("sim::quarantine") {
  TEST_CASE("a deleted file is kept for seven days, and no longer than a look more") {
    Scene scene;
    scene.live(6.9 * k_day);
    CHECK(scene.held() == 1);
    scene.live(0.5 * k_day);
    CHECK(scene.held() == 0);
    CHECK(scene.pen.list("q") == std::vector<std::string>{".recentd-quarantine"});
  }

  TEST_CASE("restarts do not lengthen the time") {
    Scene scene;
    for (int day = 0; day < 8; ++day) {
      scene.live(k_day);
      scene.restart();
    }
    CHECK(scene.held() == 0);
  }

  TEST_CASE("a clock that jumps ten years ahead and comes back costs nothing") {
    Scene scene;
    for (const double jump : {10 * k_year, -10 * k_year}) {
      scene.wait(jump);
      REQUIRE(scene.settle());
      scene.live(20 * k_hour);
      scene.restart();
      REQUIRE(scene.settle());
      CHECK(scene.held() == 1);
    }
    scene.live(8 * k_day);
    CHECK(scene.held() == 0);
  }

  TEST_CASE("a clock that stays ahead is believed after a day") {
    Scene scene;
    scene.wait(k_year);
    REQUIRE(scene.settle());
    CHECK(scene.held() == 1);
    scene.live(1.6 * k_day);
    CHECK(scene.held() == 0);
  }

  TEST_CASE("deletes of one round are one generation, those of two rounds are two") {
    Scene scene;
    for (const char* name : {"a", "d/b", "d/c"}) scene.put(name, "x");
    REQUIRE(scene.settle());
    for (const char* name : {"a", "d/b", "d/c"}) scene.remove(name);
    REQUIRE(scene.settle());
    CHECK(scene.equal());
    int generations = 0;
    for (const auto& name : scene.pen.list("q")) generations += name.ends_with("Z/") ? 1 : 0;
    CHECK(generations == 2);
  }

  TEST_CASE("deletes are not accepted past the quarantine by a command that forgets it") {
    Scene scene;
    scene.options.deletes.limit = DeleteLimit::parse("0").value();
    scene.remove("keep");
    CHECK_FALSE(scene.settle());
    scene.options.deletes.accept = true;
    const auto pen = std::exchange(scene.options.deletes.quarantine, "");
    CHECK_THROWS_WITH_AS(scene.restart(), doctest::Contains("add --quarantine"), Error);
    CHECK(scene.down.read("keep") == "k");
    scene.options.deletes.quarantine = pen;
    scene.restart();
    CHECK(scene.settle());
    CHECK_FALSE(scene.down.exists("keep"));
    CHECK(scene.pen.list("q").size() == 5);  // the mark, and two generations of a file each
    scene.options.deletes.quarantine = "";
    scene.options.deletes.limit = DeleteLimit::none();
    scene.options.deletes.accept = false;
    CHECK_NOTHROW(scene.restart());
  }

  TEST_CASE("a quarantine that cannot take a file leaves the file and the queued delete where they are") {
    Scene scene;
    scene.put("next", "x");
    REQUIRE(scene.settle());
    scene.remove("next");
    scene.pen.remove("q");
    scene.pen.write("q", "no directory any more");
    CHECK_THROWS_AS(scene.pass(), Error);
    CHECK(scene.down.read("next") == "x");
    scene.pen.remove("q");
    scene.restart();
    REQUIRE(scene.settle());
    CHECK_FALSE(scene.down.exists("next"));
    CHECK(scene.held() == 0);
    CHECK(scene.pen.list("q").size() == 3);
  }
}
