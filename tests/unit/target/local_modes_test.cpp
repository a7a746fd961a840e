#include "target/local_modes.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::target;
using test::TempTree;

namespace {

struct Scene {
  Scene() {
    tree.write("target/a", "a");
    tree.write("target/d/b", "b");
    tree.write("target/RECENT-1h.yaml", "index");
    tree.make_directory("target/.recentd");
    tree.make_link("target/link", "/dev/null");
    for (const char* name : {"a", "d/b", "RECENT-1h.yaml"}) set(name, 0600);
    for (const char* name : {"", "d", ".recentd"}) set(name, 0700);
  }
  void set(const std::string& name, mode_t mode) const {
    REQUIRE(::chmod(tree.path("target/" + name).c_str(), mode) == 0);
  }
  [[nodiscard]] unsigned mode(const std::string& name) const {
    struct stat facts {};
    REQUIRE(::lstat(tree.path("target/" + name).c_str(), &facts) == 0);
    return facts.st_mode & 07777;
  }
  void follow(const char* rules) const {
    const sys::Dir target(tree.path("target"));
    LocalModes(target, tree.path("target/.recentd"))
        .follow(ModeRules::parse(rules).value(), Bookkeeping("RECENT"));
  }

  TempTree tree{"modes"};
};

}  // namespace

TEST_SUITE("target::local_modes") {
  TEST_CASE("what is here follows rules that are set anew, and is left alone from then on") {
    const Scene scene;
    scene.follow("Fa+r,Da+rx");
    CHECK(scene.mode("a") == 0644);
    CHECK(scene.mode("d/b") == 0644);
    CHECK(scene.mode("d") == 0755);
    scene.set("a", 0600);
    scene.follow("Fa+r,Da+rx");
    CHECK(scene.mode("a") == 0600);
    scene.follow("Fg+r");
    CHECK(scene.mode("a") == 0640);
  }

  TEST_CASE("another target in it, and all that lies there, keeps its modes") {
    const Scene scene;
    scene.tree.write("target/d/inner/.recentd/state", "x");
    scene.tree.write("target/d/inner/e/f", "f");
    scene.set("d/inner", 0700);
    scene.set("d/inner/e/f", 0600);
    scene.follow("Fa+r,Da+rx");
    CHECK(scene.mode("d/inner") == 0700);
    CHECK(scene.mode("d/inner/e/f") == 0600);
    CHECK(scene.mode("d/b") == 0644);
  }

  TEST_CASE("the target itself, its index and what is the mirror's own stay as they are") {
    const Scene scene;
    scene.follow("Fa+r,Da+rx");
    CHECK(scene.mode("") == 0700);
    CHECK(scene.mode(".recentd") == 0700);
    CHECK(scene.mode("RECENT-1h.yaml") == 0600);
  }

  TEST_CASE("rules that are taken back change nothing, and hold anew when they come back") {
    const Scene scene;
    scene.follow("Fa+r");
    scene.follow("");
    CHECK(scene.mode("a") == 0644);
    scene.set("a", 0600);
    scene.follow("Fa+r");
    CHECK(scene.mode("a") == 0644);
  }

  TEST_CASE("what a directory inherits, and what a file's own bits are, is not the rules' business") {
    const Scene scene;
    scene.set("d", 02700);
    scene.follow("D755");
    CHECK(scene.mode("d") == 02755);
  }
}
