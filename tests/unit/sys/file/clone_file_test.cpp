#include "sys/file/clone_file.hpp"

#include <cerrno>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"
#include "sys/fault.hpp"
#include "sys/tree/remove_tree.hpp"

using namespace recentd;
using namespace recentd::sys;

namespace {

struct CloneScene {
  CloneScene() {
    tree.write("d/file", std::string(700'000, 'x'));
    REQUIRE(::chmod(tree.path("d/file").c_str(), 0604) == 0);
    tree.set_mtime("d/file", 1'000'000, 123);
  }
  [[nodiscard]] FileFacts facts(const char* name) const { return lstat_path(tree.path(name)).value(); }
  [[nodiscard]] bool make(const char* name) const {
    return make_single(Dir(tree.path()), RelPath::parse(name, any_name()).value());
  }
  recentd::test::TempTree tree{"clone"};
};

}  // namespace

TEST_SUITE("sys::clone_file") {
  TEST_CASE("a copy has content, mode and time, and replaces nothing") {
    const CloneScene scene;
    const Dir directory(scene.tree.path("d"));
    CHECK(clone_file(directory.fd(), "file", directory.fd(), "copy", Clone::any) == 0);
    CHECK(scene.tree.read("d/copy") == scene.tree.read("d/file"));
    const auto one = scene.facts("d/file"), other = scene.facts("d/copy");
    CHECK(one.inode != other.inode);
    CHECK(one.mode == other.mode);
    CHECK(one.mtime_s == other.mtime_s);
    CHECK(one.mtime_ns == other.mtime_ns);
    CHECK(clone_file(directory.fd(), "file", directory.fd(), "copy", Clone::any) == EEXIST);
    CHECK(clone_file(directory.fd(), "none", directory.fd(), "other", Clone::any) == ENOENT);
    CHECK(scene.tree.list("d") == std::vector<std::string>{"copy", "file"});
  }

  TEST_CASE("a name of several gets a file of its own, the others keep theirs") {
    const CloneScene scene;
    CHECK_FALSE(scene.make("d/file"));
    REQUIRE(::link(scene.tree.path("d/file").c_str(), scene.tree.path("other").c_str()) == 0);
    CHECK(scene.make("d/file"));
    CHECK(scene.facts("d/file").inode != scene.facts("other").inode);
    CHECK(scene.facts("d/file").links == 1);
    CHECK(scene.facts("d/file").mtime_ns == 123);
    CHECK(scene.tree.read("d/file") == scene.tree.read("other"));
    CHECK(scene.tree.list("d") == std::vector<std::string>{"file"});
    CHECK_FALSE(scene.make("d/none"));
    CHECK_FALSE(scene.make("d"));
  }

  TEST_CASE("one that cannot be made leaves all as it was") {
    const CloneScene scene;
    REQUIRE(::link(scene.tree.path("d/file").c_str(), scene.tree.path("other").c_str()) == 0);
    for (const char* operation : {"clone", "rename"}) {
      set_fault_hook([&](std::string_view each, std::string_view) { return each == operation ? ENOSPC : 0; });
      CHECK_THROWS_AS((void)scene.make("d/file"), Error);
      set_fault_hook({});
      CHECK(scene.tree.list("d") == std::vector<std::string>{"file"});
      CHECK(scene.facts("d/file").inode == scene.facts("other").inode);
    }
  }
}
