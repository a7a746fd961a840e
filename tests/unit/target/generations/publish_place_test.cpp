#include "target/generations/publish_place.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::target;

namespace {

struct PlaceScene {
  PlaceScene() {
    tree.make_directory("target");
    tree.make_directory("other");
  }
  [[nodiscard]] PublishPlace open(const std::string& link = "pub", const char* target = "target") const {
    const sys::Dir dir(tree.path(target));
    return {tree.path(link), dir, true};
  }
  void refuses(const std::string& link, const char* words, const char* target = "target") const {
    const auto before = tree.list();
    CHECK_THROWS_WITH_AS(open(link, target), doctest::Contains(words), Error);
    CHECK(tree.list() == before);
  }
  test::TempTree tree{"place"};
};

}  // namespace

TEST_SUITE("target::publish_place") {
  TEST_CASE("the link leads to what was shown last, from wherever its directory is looked at") {
    const PlaceScene scene;
    const auto place = scene.open();
    CHECK_FALSE(place.shown());
    CHECK_FALSE(place.open(Generation::one));
    (void)place.make(Generation::one);
    place.show(Generation::one, Fsync::none);
    CHECK(place.shown() == Generation::one);
    CHECK(scene.tree.link("pub") == ".pub.generations/1");
    place.show(Generation::two, Fsync::full);
    CHECK(place.shown() == Generation::two);
    CHECK(scene.open().shown() == Generation::two);
    CHECK(scene.open("pub/").shown() == Generation::two);
    struct stat facts {};
    REQUIRE(::stat(scene.tree.path(".pub.generations").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0711);
  }

  TEST_CASE("a link that is something else is refused, and nothing is changed") {
    const PlaceScene scene;
    scene.tree.write("file", "x");
    scene.tree.make_link("elsewhere", "other");
    scene.refuses("other", "is a directory");
    scene.refuses("file", "is a file");
    scene.refuses("elsewhere", "is a link to 'other'");
    scene.refuses("target/pub", "lies in the target");
    scene.refuses("missing/pub", "does not exist");
    CHECK(scene.tree.link("elsewhere") == "other");
  }

  TEST_CASE("a target where its generations are to be is refused") {
    const PlaceScene scene;
    scene.tree.make_directory(".pub.generations/1");
    scene.refuses("pub", "a directory of its own", ".pub.generations/1");
  }

  TEST_CASE("two targets with one link are refused, and a target that was renamed is the same") {
    const PlaceScene scene;
    (void)scene.open();
    CHECK_THROWS_WITH_AS(scene.open("pub", "other"), doctest::Contains("is that of target"), Error);
    REQUIRE(::rename(scene.tree.path("target").c_str(), scene.tree.path("moved").c_str()) == 0);
    CHECK_NOTHROW(scene.open("pub", "moved"));
    CHECK(scene.tree.read(".pub.generations/owner")->find("/moved\n") != std::string::npos);
  }

  TEST_CASE("what somebody puts in the link's place later stays") {
    const PlaceScene scene;
    const auto place = scene.open();
    place.show(Generation::one, Fsync::none);
    scene.tree.remove("pub");
    scene.tree.make_directory("pub");
    CHECK_THROWS_WITH_AS(place.show(Generation::two, Fsync::none), doctest::Contains("is no link"), Error);
    CHECK(scene.tree.exists("pub"));
  }
}
