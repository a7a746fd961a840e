// Mirrors of a part whose operator changes his mind while a transfer is under way.

#include <cstdlib>
#include <random>
#include <set>

#include <doctest/doctest.h>

#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "support/mirror_scene.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

const std::vector<std::vector<const char*>> k_filters = {
    {}, {"- /d1/"}, {"+ /d0/***", "- *"}, {"- *7"}, {"+ /d2/", "+ /d2/*1*", "- *"}, {"- *"}};

struct Scene : MirrorScene {
  Scene() {
    for (int i = 0; i < 60; ++i) put(name(i), "x" + std::to_string(i));
    aggregate();
  }
  static std::string name(int i) { return "d" + std::to_string(i % 3) + "/f" + std::to_string(i); }

  void want(std::size_t filter) {
    options.select.filter = {};
    for (const auto* rule : k_filters[filter]) REQUIRE(options.select.filter.add(rule));
  }
  // What the visible index calls present.
  [[nodiscard]] std::set<std::string> named() const {
    std::set<std::string> seen, present;
    if (!down.exists("RECENT.recent")) return {};
    for (const auto& event : news(down.path()))
      if (seen.insert(event.path).second && event.type == EventType::new_) present.insert(event.path);
    return present;
  }
  void check_promises() const {
    for (const auto& path : named()) CHECK_MESSAGE(down.exists(path), path);
  }
};

}  // namespace

TEST_SUITE("sim::partial") {
  TEST_CASE(
      "a filter that changes while a transfer is under way, again and again, ends as the last one says") {
    const unsigned seeds = std::getenv("RECENTD_LONG") != nullptr ? 100 : 3;
    for (unsigned seed = 1; seed <= seeds; ++seed) {
      CAPTURE(seed);
      std::mt19937 random(seed);
      Scene scene;
      scene.options.connect.max_files_per_connection = 4;
      scene.options.places.fsync = Fsync::none;
      std::size_t filter = 0;
      for (int change = 0; change < 6; ++change) {
        scene.want(filter = random() % k_filters.size());
        scene.upstream.break_after_names = static_cast<int>(random() % 12);
        scene.put(Scene::name(static_cast<int>(random() % 60)), std::to_string(change));
        scene.remove(Scene::name(static_cast<int>(random() % 60)));
        if (random() % 2 == 0) scene.aggregate();
        for (int pass = 0; pass < 2; ++pass) {
          try {
            scene.restart().run();
          } catch (const Error& error) {
            CHECK(error.kind() == Kind::transport);
          }
          scene.check_promises();
        }
      }
      scene.upstream.break_after_names = -1;
      scene.restart();
      REQUIRE(scene.settle());
      scene.check_promises();
      std::set<std::string> wanted;
      for (int i = 0; i < 60; ++i)
        if (scene.options.select.filter.wants(Scene::name(i)) && scene.up.exists(Scene::name(i)))
          wanted.insert(Scene::name(i));
      CHECK(scene.named() == wanted);
      scene.options.deletes.prune = true;
      scene.options.deletes.limit = DeleteLimit::none();
      scene.restart();
      REQUIRE(scene.settle());
      for (int i = 0; i < 60; ++i)
        CHECK(scene.down.exists(Scene::name(i)) == wanted.contains(Scene::name(i)));
    }
  }

  TEST_CASE("protected files stay, whoever would remove them, and the mirror is no partial one") {
    MirrorScene scene;
    REQUIRE(scene.options.deletes.risk.add("+ /local/old/"));
    REQUIRE(scene.options.deletes.risk.add("- /local/"));
    scene.options.deletes.prune = true;
    scene.put("a", "1");
    scene.put("local/told", "1");
    scene.put("local/old/told", "1");
    REQUIRE(scene.settle());
    for (const char* name : {"local/trace", "local/d/trace", "local/old/junk", "junk"})
      scene.down.write(name, "x");
    scene.remove("local/told");
    scene.remove("local/old/told");
    REQUIRE(scene.settle());
    for (const char* name : {"local/trace", "local/d/trace", "local/told", "a"})
      CHECK_MESSAGE(scene.down.exists(name), name);
    for (const char* name : {"local/old/junk", "local/old/told", "junk"})
      CHECK_MESSAGE(!scene.down.exists(name), name);
    CHECK(scene.work().report().extra == 0);
    CHECK(scene.index("RECENT-1h.yaml") == scene.up.read("RECENT-1h.yaml"));
  }
}
