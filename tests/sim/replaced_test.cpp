// Another directory takes the target's place in the middle of a pass, or a link to it is made to lead
// elsewhere: from then on nothing is deleted, shown or saved, in neither of the two.

#include <filesystem>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/follow_scene.hpp"
#include "support/snapshot.hpp"
#include "target/target_directory.hpp"

using namespace recentd;
using namespace recentd::test;
namespace fs = std::filesystem;

namespace {

// A mirror whose target can be replaced, by renaming or through the link that the operator named.
struct ReplacedScene : FollowScene {
  enum class Way { rename, link };

  explicit ReplacedScene(Way its_way) : way(its_way) {
    if (way == Way::link) {
      aside.make_link("link", down.path());
      options.target = aside.path("link");
    }
    directory.emplace(options, std::vector<transport::Address>{}, clock);
    demand_same = [this] { directory->demand_same(); };
    following.displaced = [this] { return directory->replaced(); };
  }

  // What looks at the directory ends before it.
  ~ReplacedScene() {
    restart_follower();
    end();
  }
  ReplacedScene(const ReplacedScene&) = delete;
  ReplacedScene& operator=(const ReplacedScene&) = delete;

  // A copy takes the target's place now.
  void swap() {
    swapped = true;
    const auto copying = fs::copy_options::recursive | fs::copy_options::copy_symlinks;
    fs::copy(down.path(), aside.path("copy"), copying);
    if (way == Way::link) {
      aside.remove("link");
      aside.make_link("link", "copy");
    } else {
      fs::rename(down.path(), aside.path("old"));
      fs::rename(aside.path("copy"), down.path());
    }
    was_old = snapshot(old_directory());
    was_new = snapshot(new_directory());
  }
  // Once, as soon as this event is told.
  void swap_at(const std::string& event) {
    recorder.then = [this, event](const std::string& told) {
      if (told == event && !swapped) swap();
    };
  }
  [[nodiscard]] std::string old_directory() const {
    return way == Way::link ? down.path() : aside.path("old");
  }
  [[nodiscard]] std::string new_directory() const {
    return way == Way::link ? aside.path("copy") : down.path();
  }
  [[nodiscard]] bool both_as_they_were() const {
    return changes(was_old, snapshot(old_directory())).empty() &&
           changes(was_new, snapshot(new_directory())).empty();
  }
  void put_many(const std::string& name, int count) {
    for (int i = 0; i < count; ++i) put(name + std::to_string(i), "x");
  }

  Way way;
  TempTree aside{"aside"};
  std::optional<target::TargetDirectory> directory;
  Snapshot was_old, was_new;
  bool swapped = false;
};

void in_each_way(const std::function<void(ReplacedScene&)>& test) {
  for (const auto way : {ReplacedScene::Way::rename, ReplacedScene::Way::link}) {
    CAPTURE(static_cast<int>(way));
    ReplacedScene scene(way);
    test(scene);
    CHECK(scene.swapped);
  }
}

void check_that_pass_ends(ReplacedScene& scene) {
  CHECK_THROWS_WITH_AS(scene.pass(), doctest::Contains("another directory is in the place of target"), Error);
}

}  // namespace

TEST_SUITE("sim::replaced") {
  TEST_CASE("after an index was shown its deletes are done in neither") {
    in_each_way([](ReplacedScene& scene) {
      scene.put_many("f", 5);
      REQUIRE(scene.settle());
      scene.remove("f1");
      scene.swap_at("show RECENT-1h.yaml");
      check_that_pass_ends(scene);
      CHECK(scene.both_as_they_were());
      CHECK(fs::exists(scene.old_directory() + "/f1"));
      CHECK(fs::exists(scene.new_directory() + "/f1"));
    });
  }

  TEST_CASE("a long round of deletes ends soon in the old one and never reaches the new one") {
    in_each_way([](ReplacedScene& scene) {
      scene.options.deletes.limit = DeleteLimit::none();
      scene.put_many("f", 500);
      REQUIRE(scene.settle());
      for (int i = 0; i < 500; ++i) scene.remove("f" + std::to_string(i));
      scene.swap_at("delete f10");
      check_that_pass_ends(scene);
      CHECK(changes(scene.was_new, snapshot(scene.new_directory())).empty());
      CHECK(snapshot(scene.old_directory()).size() + 100 >= scene.was_old.size());
    });
  }

  TEST_CASE("between two batches neither gets another file, index or state") {
    in_each_way([](ReplacedScene& scene) {
      scene.options.connect.max_files_per_connection = 4;
      scene.options.poll.sleep_per_connection = std::chrono::milliseconds(1);  // no work ahead
      scene.put_many("f", 20);
      scene.swap_at("sync f16");  // the newest come first
      check_that_pass_ends(scene);
      CHECK(scene.both_as_they_were());
      CHECK_FALSE(fs::exists(scene.new_directory() + "/RECENT-1h.yaml"));
      CHECK_FALSE(fs::exists(scene.new_directory() + "/.recentd/state"));
    });
  }

  TEST_CASE("what arrived while the target was replaced counts as done in neither") {
    in_each_way([](ReplacedScene& scene) {
      scene.put_many("f", 3);
      scene.upstream.before_fetch = [&](const transport::FetchRequest& request) {
        if (request.kind == transport::FetchRequest::Kind::content && !scene.swapped) scene.swap();
      };
      check_that_pass_ends(scene);
      for (const auto& root : {scene.old_directory(), scene.new_directory()}) {
        CHECK_FALSE(fs::exists(root + "/RECENT-1h.yaml"));
        CHECK_FALSE(fs::exists(root + "/.recentd/state"));
      }
    });
  }

  TEST_CASE("prune removes nothing from a directory that is not the one that was judged") {
    in_each_way([](ReplacedScene& scene) {
      scene.options.deletes.prune = true;
      scene.put_many("f", 5);
      REQUIRE(scene.settle());
      scene.down.write("extra", "x");
      scene.put("g", "x");
      scene.swap_at("show RECENT-1h.yaml");
      check_that_pass_ends(scene);
      CHECK(scene.both_as_they_were());
      CHECK(fs::exists(scene.new_directory() + "/extra"));
    });
  }

  TEST_CASE("a loop is told at once, without a pause and without trouble") {
    in_each_way([](ReplacedScene& scene) {
      scene.put_many("f", 5);
      scene.following.max_errors = 1;
      scene.poll();
      scene.remove("f1");
      scene.swap_at("show RECENT-1h.yaml");
      const auto before = scene.steady();
      scene.poll();
      CHECK(scene.steady() == before);
      CHECK(scene.both_as_they_were());
    });
  }
}
