#include "sys/tree/twin.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"
#include "sys/fault.hpp"

using namespace recentd;
using namespace recentd::sys;
using Side = TwinDirectory::Side;

namespace {

struct TwinScene {
  TwinScene() {
    tree.write("from/d/file", "content");
    tree.make_link("from/d/link", "file");
    tree.set_mtime("from/d/link", 1000);
    tree.make_directory("to/d");
  }
  [[nodiscard]] std::optional<TwinDirectory> open(const char* directory = "d") const {
    return TwinDirectory::open(from, to, directory);
  }
  recentd::test::TempTree tree{"twin"};
  Dir from{tree.make_directory("from")}, to{tree.make_directory("to")};
};

}  // namespace

TEST_SUITE("sys::twin") {
  TEST_CASE("what one tree has is made in the other") {
    const TwinScene scene;
    const auto twin = scene.open().value();
    twin.link("file");
    twin.copy_link("link");
    twin.make_directory("new");
    CHECK(twin.on_one_device());
    CHECK(twin.look(Side::from, "file")->inode == twin.look(Side::to, "file")->inode);
    CHECK(twin.link_text(Side::to, "link") == "file");
    CHECK(twin.look(Side::to, "link")->mtime_s == 1000);
    CHECK_FALSE(twin.link_text(Side::to, "file"));
    const auto names = twin.list(Side::to);
    REQUIRE(names.size() == 3);
    CHECK(names[0].name == "file");
    CHECK(names[0].inode == twin.look(Side::from, "file")->inode);
    CHECK(names[2].type == FileType::directory);
    twin.remove("file");
    twin.remove("none");
    CHECK_FALSE(twin.look(Side::to, "file"));
    twin.clone("file", Clone::any);
    CHECK(twin.same_content("file"));
    CHECK(twin.look(Side::from, "file")->inode != twin.look(Side::to, "file")->inode);
  }

  TEST_CASE("a directory goes with all that is in it, and no link is followed there") {
    const TwinScene scene;
    scene.tree.write("outside/file", "x");
    scene.tree.write("to/d/old/deep/file", "x");
    scene.tree.make_link("to/d/old/link", scene.tree.path("outside"));
    scene.tree.make_link("to/l", scene.tree.path("outside"));
    scene.open()->remove("old");
    CHECK_FALSE(scene.tree.exists("to/d/old"));
    CHECK(scene.tree.exists("outside/file"));
    CHECK_FALSE(scene.open("l"));
    CHECK_FALSE(scene.open("none"));
  }

  TEST_CASE("mode and time follow") {
    const TwinScene scene;
    REQUIRE(::chmod(scene.tree.path("from/d").c_str(), 02751) == 0);
    scene.tree.set_mtime("from/d", 5000, 7);
    scene.open()->dress();
    const auto there = lstat_path(scene.tree.path("to/d")).value();
    CHECK(there.mode == 02751);
    CHECK(there.mtime_s == 5000);
    CHECK(there.mtime_ns == 7);
  }

  TEST_CASE("a file that cannot be linked, though copied, is copied; other trouble is told") {
    const TwinScene scene;
    const auto fail_links = [](int with) {
      set_fault_hook(
          [with](std::string_view operation, std::string_view) { return operation == "link" ? with : 0; });
    };
    fail_links(EPERM);
    scene.open()->link("file");
    CHECK(scene.open()->same_content("file"));
    scene.open()->remove("file");
    fail_links(ENOSPC);
    CHECK_THROWS_WITH_AS(scene.open()->link("file"), doctest::Contains("make the hard link"), Error);
    set_fault_hook({});
    CHECK_FALSE(scene.tree.exists("to/d/file"));
  }
}
