#include "upstream/index_cache.hpp"

#include <doctest/doctest.h>

#include "support/simulated_upstream.hpp"
#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::upstream;
using test::SimulatedUpstream;
using test::TempTree;

namespace {

std::string index(const std::string& interval, const std::string& epoch) {
  return "---\nmeta: {filenameroot: RECENT, interval: " + interval +
         ", protocol: 1, serializer_suffix: .yaml}\nrecent:\n- {epoch: " + epoch + ", path: a, type: new}\n";
}

struct Scene {
  void publish(const std::string& interval, const std::string& epoch) const {
    (void)tree.write("upstream/RECENT-" + interval + ".yaml", index(interval, epoch));
  }
  IndexCache::Result fetch(const std::vector<std::string>& names, std::function<void()> meanwhile = {}) {
    return cache.fetch(names, upstream, {}, std::move(meanwhile));
  }
  std::string newest(const std::string& name) {
    const auto facts = cache.facts(name);
    return facts && facts->newest ? facts->newest->text() : "nothing";
  }
  TempTree tree{"cache"};
  std::string place = tree.make_directory("private"), target = tree.make_directory("target");
  SimulatedUpstream upstream{tree.make_directory("upstream")};
  IndexCache cache{place, target};
};

}  // namespace

TEST_SUITE("sim::index_cache") {
  TEST_CASE("what was looked at ahead is told once, and not when another copy has come since") {
    Scene scene;
    scene.publish("1h", "100");
    scene.publish("6h", "90");
    scene.publish("Z", "80");
    scene.fetch({"RECENT-1h.yaml", "RECENT-6h.yaml", "RECENT-Z.yaml"});
    scene.publish("6h", "95");
    bool looked = false;
    const auto result = scene.fetch({"RECENT-6h.yaml"}, [&] {
      looked = true;
      scene.cache.look_ahead("RECENT-1h.yaml");
      // The facts are in memory now.
      for (const char* name : {"RECENT-1h.yaml", "RECENT-Z.yaml"})
        (void)scene.tree.write(std::string("private/index/") + name, "no index");
    });
    CHECK(looked);
    CHECK(result.items.at("RECENT-6h.yaml").what == IndexCache::Fetched::changed);
    CHECK(scene.newest("RECENT-6h.yaml") == "95");
    CHECK(scene.newest("RECENT-Z.yaml") == "80");
    CHECK(scene.newest("RECENT-Z.yaml") == "nothing");
    CHECK(scene.newest("RECENT-1h.yaml") == "nothing");
  }
}
