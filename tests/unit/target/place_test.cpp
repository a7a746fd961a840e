#include "target/place.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::target;

namespace {

struct Scene {
  recentd::test::TempTree tree{"place"};
  MirrorOptions options;

  Scene() { options.target = tree.path("target"); }
  // "taken", or why not.
  std::string verdict() {
    try {
      admit_target(options);
    } catch (const Error& error) {
      return error.what();
    }
    return "taken";
  }
};

}  // namespace

TEST_SUITE("target::place") {
  TEST_CASE("a wrong place is refused by its real name, and nothing is changed") {
    Scene scene;
    scene.tree.make_link("link", "/");
    scene.options.target = scene.tree.path("link");
    CHECK(scene.verdict().starts_with("target '/' is the root of all file systems; nothing was changed"));
    scene.options.target = "/etc/";
    CHECK(scene.verdict().find("add --force-target") != std::string::npos);
    scene.options.places.force = true;
    CHECK(scene.verdict() == "taken");
  }

  TEST_CASE("the parent of another target is refused, whoever its tenant is") {
    Scene scene;
    scene.tree.write("target/pub/.recentd/state", "x");
    CHECK(scene.verdict().find("holds another tree, '" + scene.tree.path("target/pub") + "'") !=
          std::string::npos);
    scene.options.places.force = true;
    CHECK(scene.verdict() == "taken");
    scene.options.places.force = false;
    // It was forced once, and is a tree since.
    scene.tree.write("target/.recentd/state", "x");
    CHECK(scene.verdict() == "taken");
    CHECK(admit_target(scene.options).tenant == Tenant::ours);
  }

  TEST_CASE("whose a directory is shows in what lies in its root") {
    Scene scene;
    const auto tenant = [&] { return admit_target(scene.options).tenant; };
    CHECK(tenant() == Tenant::nobody);
    CHECK(admit_target(scene.options).remarks.size() == 1);
    scene.tree.write("target/file", "x");
    CHECK(tenant() == Tenant::nobody);
    scene.tree.make_directory("target/.recentd");
    CHECK(tenant() == Tenant::begun);
    scene.tree.write("target/RECENT-1h.yaml", "x");
    CHECK(tenant() == Tenant::stranger);
    scene.tree.write("target/.recentd/promoted", "promoted: then\nfollowed: host::pub\n");
    CHECK(scene.verdict().find("was made an origin at then; it had followed host::pub") != std::string::npos);
    scene.options.places.adopt = true;
    CHECK(tenant() == Tenant::promoted);
    scene.options.places.adopt = false;
    for (const char* name : {"state.old", "state"}) {
      scene.tree.write(std::string("target/.recentd/") + name, "x");
      CHECK(tenant() == Tenant::ours);
      CHECK(admit_target(scene.options).remarks.empty());
    }
  }

  TEST_CASE("where only a mirror of ours will do, a bare mount point is missing") {
    Scene scene;
    scene.options.places.must_be_ours = true;
    CHECK(scene.verdict().find("its file system is not mounted") != std::string::npos);
    scene.tree.write("target/RECENT.recent", "x");
    CHECK(scene.verdict().find("its file system is not mounted") != std::string::npos);
    scene.tree.make_directory("target/.recentd");
    CHECK(scene.verdict() == "taken");
    CHECK(admit_target(scene.options).tenant == Tenant::stranger);
  }
}
