#include "lib/sodium/file_digest.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"
#include "sys/tree/remove_tree.hpp"

using namespace recentd;

namespace {

struct Scene {
  test::TempTree tree{"digest"};
  sys::Dir root = sys::Dir(tree.path());

  [[nodiscard]] std::optional<std::string> digest(const char* name) const {
    return sodium::file_digest(root, path(name));
  }
  static RelPath path(const char* name) { return RelPath::parse(name, sys::any_name()).value(); }
};

}  // namespace

TEST_SUITE("lib::sodium::file_digest") {
  TEST_CASE("a file's digest says which kind it is") {
    const Scene scene;
    scene.tree.write("d/abc", "abc");
    scene.tree.write("empty", "");
    CHECK(scene.digest("d/abc") ==
          "blake2b-256:bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
    CHECK(scene.digest("empty") ==
          "blake2b-256:0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  }

  TEST_CASE("what is no regular file has none, and no link is followed") {
    const Scene scene;
    scene.tree.write("file", "x");
    scene.tree.make_link("link", "file");
    scene.tree.make_directory("directory");
    for (const char* name : {"link", "directory", "none", "file/x"}) CHECK_FALSE(scene.digest(name));
  }

  TEST_CASE("another version than the one that is meant has none") {
    const Scene scene;
    scene.tree.write("file", "x");
    auto facts = scene.root.lstat(Scene::path("file")).value();
    CHECK(sodium::file_digest(scene.root, Scene::path("file"), facts));
    facts.size_bytes = 2;
    CHECK_FALSE(sodium::file_digest(scene.root, Scene::path("file"), facts));
    scene.tree.set_mtime("file", 1'000'000'000);
    facts.size_bytes = 1;
    CHECK_FALSE(sodium::file_digest(scene.root, Scene::path("file"), facts));
  }
}
