#include "target/inner_trees.hpp"

#include <doctest/doctest.h>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::target;

TEST_SUITE("target::inner_trees") {
  TEST_CASE("what lies in a directory with a private directory of its own, however deep, is covered") {
    const test::TempTree tree;
    tree.write(".recentd/state", "x");
    tree.write("a/inner/.recentd/state", "x");
    tree.make_directory("a/inner/d/e");
    tree.make_directory("a/b");
    const sys::Dir root(tree.path());
    InnerTrees inner(root);
    for (const char* path : {"a/inner/f", "a/inner/d/f", "a/inner/d/e/f", "a/inner/none/f"})
      CHECK(inner.cover(path));
    for (const char* path : {"f", "a/f", "a/b/f", "a/inner", "none/f"}) CHECK_FALSE(inner.cover(path));
  }

  TEST_CASE("what was seen is believed until it is forgotten") {
    const test::TempTree tree;
    tree.make_directory("a");
    const sys::Dir root(tree.path());
    InnerTrees inner(root);
    CHECK_FALSE(inner.cover("a/f"));
    tree.make_directory("a/.recentd");
    CHECK_FALSE(inner.cover("a/f"));
    inner.forget();
    CHECK(inner.cover("a/f"));
  }

  TEST_CASE("an index below the target makes a tree unless it is content") {
    using Type = sys::FileType;
    const auto ours = [](const std::string& path) { return path == "authors/RECENT.recent"; };
    const std::vector<sys::Dir::Entry> index = {{"RECENT.recent", Type::symlink}, {"f", Type::regular}};
    CHECK_FALSE(is_another_tree("authors", index, ours));
    CHECK(is_another_tree("local", index, ours));
    CHECK(is_another_tree("authors", {{".recentd", Type::directory}}, ours));
    CHECK_FALSE(is_another_tree("x", {{".recentd", Type::regular}, {"f.recent", Type::directory}}, ours));
    CHECK_FALSE(is_another_tree("x", {}, ours));
  }
}
