#include "origin/request_paths.hpp"

#include "unit/origin/set.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

// A tree with links, and what a path in it means.
struct Tree {
  Tree() {
    scratch.write("real/f", "x");
    REQUIRE(::symlink("real", (scratch.root + "/link").c_str()) == 0);
    REQUIRE(::symlink("/usr", (scratch.root + "/out").c_str()) == 0);
    REQUIRE(::symlink(".recentd", (scratch.root + "/private").c_str()) == 0);
  }
  // "SPELLED REAL", - for nothing.
  std::string find(const std::string& text) {
    RequestPaths paths(scratch.root, bookkeeping);
    const auto meant = paths.find(text);
    why_not = meant.why_not;
    CHECK(why_not.empty() == meant.real.has_value());
    return std::string(meant.spelled.value_or("-")) + " " + std::string(meant.real.value_or("-"));
  }
  Scratch scratch;
  Bookkeeping bookkeeping;
  std::string why_not;
};

}  // namespace

TEST_SUITE("origin::request_paths") {
  TEST_CASE("a path is what it says if there is no link on its way") {
    Tree tree;
    for (const char* path : {"real/f", "no/such", "link", "real/f/x", "out"})
      CHECK(tree.find(path) == std::string(path) + " " + path);
    CHECK(tree.find(tree.scratch.root + "//real/./f/") == "real/f real/f");
    CHECK(tree.find("./real/f") == "real/f real/f");
  }

  TEST_CASE("behind a link it has another place, or none") {
    Tree tree;
    CHECK(tree.find("link/f") == "link/f real/f");
    CHECK(tree.find(tree.scratch.root + "/link/f") == "link/f real/f");
    CHECK(tree.find("out/f") == "out/f -");
    CHECK(tree.why_not == "the link " + tree.scratch.root + "/out leads out of " + tree.scratch.root);
    CHECK(tree.find("private/f") == "private/f -");
    CHECK(tree.why_not == "bookkeeping name");
  }

  TEST_CASE("with .. it is what the kernel takes it for") {
    Tree tree;
    CHECK(tree.find("link/../g") == "- g");
    CHECK(tree.find("real/../link/f") == "- real/f");
    CHECK(tree.find("out/../etc/passwd") == "- -");
    CHECK(tree.find("no/../g") == "- g");
    CHECK(tree.find("../g") == "- -");
    CHECK(tree.why_not == "not below " + tree.scratch.root);
  }

  TEST_CASE("what no index may have is refused by its flaw") {
    Tree tree;
    CHECK(tree.find("RECENT-1h.yaml") == "- -");
    CHECK(tree.why_not == "bookkeeping name");
    CHECK(tree.find("") == "- -");
    CHECK(tree.find(std::string("a\0b", 3)) == "- -");
    CHECK(tree.find("/etc/passwd") == "- -");
    CHECK(tree.find(tree.scratch.root) == "- -");
  }
}
