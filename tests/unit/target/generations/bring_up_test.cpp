#include "target/generations/bring_up.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::target;

namespace {

struct BringUpScene {
  BringUpScene() {
    for (const char* name : {"a", "d/b", "d/e/c", "g/h", "RECENT-1h.yaml", ".recentd/state"})
      put(name, std::string("content of ") + name);
    tree.make_link("target/RECENT.recent", "RECENT-1h.yaml");
    tree.make_link("target/d/link", "b");
    tree.make_directory("target/empty");
    tree.make_directory("generation");
  }
  void put(const std::string& name, const std::string& content) const {
    tree.remove("target/" + name);
    tree.write("target/" + name, content);
  }
  std::uint64_t all(ByWhat by = ByWhat::link) const { return work({}, by); }
  std::uint64_t these(std::vector<std::string> paths, ByWhat by = ByWhat::link) const {
    return work(std::move(paths), by);
  }
  std::uint64_t work(std::optional<std::vector<std::string>> paths, ByWhat by) const {
    const sys::Dir target(tree.path("target")), generation(tree.path("generation"));
    const Bookkeeping bookkeeping("RECENT");
    BringUp work(target, generation, by, bookkeeping);
    if (paths)
      work.these(*paths);
    else
      work.all();
    return work.changed();
  }
  [[nodiscard]] struct stat facts(const std::string& name) const {
    struct stat facts {};
    REQUIRE(::lstat(tree.path(name).c_str(), &facts) == 0);
    return facts;
  }
  [[nodiscard]] bool shared(const std::string& name) const {
    return facts("target/" + name).st_ino == facts("generation/" + name).st_ino;
  }
  // Names, bytes, links and times, those of directories, too.
  [[nodiscard]] std::string differing() const {
    std::string lines;
    for (const auto& line : test::differences(tree.path("target"), tree.path("generation")))
      lines += line + "\n";
    auto names = tree.list("target");
    std::erase_if(names, [](const auto& name) { return name.starts_with(".recentd"); });
    if (names != tree.list("generation")) lines += "other names\n";
    for (const auto& name : names) {
      const auto one = facts("target/" + name), other = facts("generation/" + name);
      if (one.st_mode != other.st_mode) lines += name + ": mode\n";
      if (one.st_mtim.tv_sec != other.st_mtim.tv_sec || one.st_mtim.tv_nsec != other.st_mtim.tv_nsec)
        lines += name + ": time\n";
    }
    return lines;
  }

  test::TempTree tree{"bring"};
};

}  // namespace

TEST_SUITE("target::bring_up") {
  TEST_CASE("a generation has all that readers may see, files by another name, the index as a copy") {
    const BringUpScene scene;
    REQUIRE(::chmod(scene.tree.path("target/d").c_str(), 0750) == 0);
    scene.tree.set_mtime("target/d", 1000, 5);
    scene.all();
    CHECK(scene.differing() == "");
    CHECK(scene.shared("d/e/c"));
    CHECK_FALSE(scene.shared("RECENT-1h.yaml"));
    CHECK_FALSE(scene.shared("d/link"));
    CHECK_FALSE(scene.tree.exists("generation/.recentd"));
    CHECK(scene.all() == 0);
  }

  TEST_CASE("a copy shares nothing, and is left alone once it is there") {
    const BringUpScene scene;
    scene.all(ByWhat::copy);
    CHECK(scene.differing() == "");
    CHECK_FALSE(scene.shared("d/e/c"));
    CHECK(scene.all(ByWhat::copy) == 0);
    scene.put("a", "new");
    CHECK(scene.these({"a"}, ByWhat::copy) == 1);
    CHECK(scene.differing() == "");
  }

  TEST_CASE("paths that came, changed, went, or became something else") {
    const BringUpScene scene;
    scene.all();
    scene.put("a", "changed");
    scene.put("n/e/w", "new");
    scene.put("d/x", "new");
    scene.tree.remove("target/g");
    scene.tree.remove("target/d/e");
    scene.put("d/e", "a file now");
    scene.tree.remove("target/empty");
    scene.these({"a", "d/e", "d/e/c", "d/x", "empty", "g/h", "n/e/w"});
    CHECK(scene.differing() == "");
    scene.tree.remove("target/d/e");
    scene.put("d/e/c", "a directory again");
    scene.tree.remove("target/d/link");
    scene.tree.make_link("target/d/link", "x");
    scene.these({"d/e", "d/e/c", "d/link"});
    CHECK(scene.differing() == "");
  }

  TEST_CASE("only what is asked for is looked at, and the index always") {
    const BringUpScene scene;
    scene.all();
    scene.put("a", "changed");
    scene.put("d/b", "changed");
    scene.put("RECENT-1h.yaml", "longer than it was before");
    CHECK(scene.these({"a"}) == 2);
    CHECK(scene.tree.read("generation/d/b") == "content of d/b");
    CHECK(scene.tree.read("generation/RECENT-1h.yaml") == "longer than it was before");
    CHECK(scene.these({"d/b"}) == 1);
    CHECK(scene.differing() == "");
  }

  TEST_CASE("an index of the same size and time is copied if it changed") {
    const BringUpScene scene;
    scene.tree.set_mtime("target/RECENT-1h.yaml", 1000);
    scene.all();
    auto text = *scene.tree.read("target/RECENT-1h.yaml");
    text.front() = 'x';
    scene.put("RECENT-1h.yaml", text);
    scene.tree.set_mtime("target/RECENT-1h.yaml", 1000);
    CHECK(scene.these({"RECENT-1h.yaml"}) == 1);
    CHECK(scene.differing() == "");
    text.front() = 'y';
    scene.put("RECENT-1h.yaml", text);
    scene.tree.set_mtime("target/RECENT-1h.yaml", 1000);
    CHECK(scene.all() == 1);
    CHECK(scene.differing() == "");
  }

  TEST_CASE("what somebody did in a generation is put right by a walk, and with the path's next change") {
    const BringUpScene scene;
    scene.all();
    scene.tree.remove("generation/d");
    scene.tree.remove("generation/a");
    scene.tree.write("generation/a", "somebody's");
    scene.tree.write("generation/stray/x", "somebody's");
    scene.these({"a", "d/b"});
    CHECK(scene.tree.exists("generation/stray/x"));
    scene.these({"stray/x"});
    CHECK(scene.differing() == "");
    scene.tree.remove("generation/g/h");
    scene.tree.make_directory("generation/g/h/in/the/way");
    scene.tree.make_link("generation/d/e/c2", "/etc");
    scene.all();
    CHECK(scene.differing() == "");
  }

  TEST_CASE("a link in a generation leads no write out of it") {
    const BringUpScene scene;
    scene.all();
    scene.tree.remove("generation/d");
    scene.tree.make_directory("outside");
    scene.tree.make_link("generation/d", scene.tree.path("outside"));
    scene.put("d/b", "changed");
    scene.these({"d/b"});
    CHECK(scene.differing() == "");
    CHECK(scene.tree.list("outside").empty());
  }

  TEST_CASE("another tree's directory is left out") {
    const BringUpScene scene;
    scene.put("d/inner/.recentd/state", "x");
    scene.put("d/inner/f", "not ours");
    scene.all();
    CHECK(scene.tree.exists("generation/d/e/c"));
    CHECK_FALSE(scene.tree.exists("generation/d/inner/f"));
    CHECK_FALSE(scene.tree.exists("generation/d/inner/.recentd"));
  }
}
