#include "sys/tree/remove_tree.hpp"

#include <algorithm>
#include <cerrno>

#include <doctest/doctest.h>
#include <unistd.h>

#include <recentd/error.hpp>

#include "unit/sys/fault_hook.hpp"
#include "unit/sys/temp_dir.hpp"

using namespace recentd;
using namespace recentd::sys;
using namespace recentd::sys::test;

namespace fs = std::filesystem;

namespace {

// A tree with files at several depths and a link that leads out of it.
struct Scene {
  TempDir place;
  std::string root = place.path("root");

  Scene() {
    for (const char* directory : {"root/a/b", "root/empty", "outside"})
      fs::create_directories(place.path(directory));
    for (const char* file : {"root/top", "root/a/x", "root/a/b/y", "root/RECENT-1h.yaml", "outside/kept"})
      put(place.path(file), "x");
    fs::create_directory_symlink(place.path("outside"), place.path("root/link"));
  }
};

std::vector<std::string> walk(const std::string& root, const recentd::Bookkeeping& names,
                              const std::string& directory = "") {
  std::vector<std::string> found;
  walk_files(Dir(root), names, directory,
             {.file = [&](const std::string& path, FileType) { found.push_back(path); }});
  std::sort(found.begin(), found.end());
  return found;
}

using Paths = std::vector<std::string>;

}  // namespace

TEST_SUITE("sys::remove_tree") {
  TEST_CASE("everything but directories and bookkeeping is found, and links are not followed") {
    const Scene scene;
    CHECK(walk(scene.root, recentd::Bookkeeping("RECENT")) == Paths{"a/b/y", "a/x", "link", "top"});
    CHECK(walk(scene.root, any_name()) == Paths{"RECENT-1h.yaml", "a/b/y", "a/x", "link", "top"});
    CHECK(walk(scene.root, any_name(), "a") == Paths{"a/b/y", "a/x"});
    CHECK(walk(scene.root, any_name(), "link").empty());
    CHECK(walk(scene.root, any_name(), "none").empty());
  }

  TEST_CASE("what is in a directory is passed over by what is in it") {
    const Scene scene;
    Paths found, asked;
    FileWalk walk;
    walk.file = [&](const std::string& path, FileType) { found.push_back(path); };
    walk.enters = [&](const std::string& directory, const std::vector<Dir::Entry>& entries) {
      asked.push_back(directory);
      return std::ranges::none_of(entries, [](const auto& entry) { return entry.name == "y"; });
    };
    walk_files(Dir(scene.root), recentd::Bookkeeping("RECENT"), "", walk);
    std::ranges::sort(found);
    std::ranges::sort(asked);
    CHECK(found == Paths{"a/x", "link", "top"});
    CHECK(asked == Paths{"a", "a/b", "empty"});
  }

  TEST_CASE("whatever is there goes, links are not followed") {
    const TempDir temp;
    std::filesystem::create_directories(temp.path("tree/d"));
    put(temp.path("tree/d/a\nb"), "x");
    put(temp.path("kept"), "x");
    REQUIRE(::symlink("../kept", temp.path("tree/link").c_str()) == 0);
    {
      const Failing hook("remove", EIO);
      CHECK_THROWS_AS(remove_whatever(temp.path("tree")), Error);
      CHECK(exists(temp.path("tree/d")));
    }
    remove_whatever(temp.path("tree"));
    CHECK_FALSE(exists(temp.path("tree")));
    CHECK(exists(temp.path("kept")));
    CHECK_NOTHROW(remove_whatever(temp.path("tree")));
  }

  TEST_CASE("a tree is removed with its directory, or emptied alone") {
    const TempDir temp;
    std::filesystem::create_directories(temp.path("tree/d"));
    put(temp.path("tree/d/a"), "x");
    empty_tree(Dir(temp.path("tree")));
    CHECK(std::filesystem::is_empty(temp.path("tree")));
    put(temp.path("tree/b"), "x");
    remove_tree(temp.path("tree"));
    CHECK_FALSE(exists(temp.path("tree")));
  }

  TEST_CASE("what destructors discard goes without the hook, and without a word") {
    const TempDir temp;
    std::filesystem::create_directory(temp.path("tree"));
    put(temp.path("tree/a"), "x");
    put(temp.path("file"), "x");
    set_fault_hook([](std::string_view, std::string_view) { return EIO; });
    discard_tree(temp.path("tree"));
    discard_tree(temp.path("gone"));
    discard_file(temp.path("file"));
    discard_file(temp.path("gone"));
    set_fault_hook({});
    CHECK(std::filesystem::is_empty(temp.path()));
  }
}
