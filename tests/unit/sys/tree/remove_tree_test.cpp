#include "sys/tree/remove_tree.hpp"

#include <algorithm>

#include "unit/sys/temp_dir.hpp"

using namespace recentd::sys;
namespace fs = std::filesystem;

namespace {

// A tree with files at several depths and a link that leads out of it.
struct Scene {
  test::TempDir place;
  std::string root = place.path("root");

  Scene() {
    for (const char* directory : {"root/a/b", "root/empty", "outside"})
      fs::create_directories(place.path(directory));
    for (const char* file : {"root/top", "root/a/x", "root/a/b/y", "root/RECENT-1h.yaml", "outside/kept"})
      test::put(place.path(file), "x");
    fs::create_directory_symlink(place.path("outside"), place.path("root/link"));
  }
};

std::vector<std::string> walk(const std::string& root, const recentd::Bookkeeping& names,
                              const std::string& directory = "") {
  std::vector<std::string> found;
  walk_files(Dir(root), names, directory, [&](const std::string& path, FileType) { found.push_back(path); });
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

  TEST_CASE("a tree is emptied, or removed with its root, and nothing outside of it") {
    const Scene scene;
    empty_tree(Dir(scene.root));
    CHECK(fs::is_empty(scene.root));
    CHECK(test::exists(scene.place.path("outside/kept")));
    const Scene other;
    remove_tree(other.root);
    CHECK_FALSE(test::exists(other.root));
    CHECK(test::exists(other.place.path("outside/kept")));
  }
}
