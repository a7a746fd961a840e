#include "support/tools/temp_tree.hpp"

#include <doctest/doctest.h>

#include "support/tools/run_program.hpp"

using namespace recentd::test;

TEST_SUITE_BEGIN("support::temp_tree");

TEST_CASE("differences names what two trees do not share") {
  const TempTree tree;
  for (const char* side : {"a/", "b/"}) {
    tree.write(std::string(side) + "same", "1");
    tree.set_mtime(std::string(side) + "same", 1000, 5);
    tree.make_link(std::string(side) + "d/l", "t");
    tree.write(std::string(side) + "RECENT-1h.yaml", side);
  }
  CHECK(differences(tree.path("a"), tree.path("b")).empty());
  tree.set_mtime("b/same", 1000, 6);
  tree.write("a/only", "");
  tree.remove("b/d/l");
  tree.make_link("b/d/l", "u");
  CHECK(differences(tree.path("a"), tree.path("b")) ==
        std::vector<std::string>{"link text of d/l differs", "only in " + tree.path("a") + ": only",
                                 "mtime of same differs"});
}

TEST_CASE("a tree is removed at the end of its scope") {
  std::string place;
  {
    const TempTree tree;
    place = tree.path();
    tree.write("d/e/f", "x");
  }
  CHECK_FALSE(read_file(place + "/d/e/f").has_value());
}

TEST_CASE("a program gets its input and environment, and its exit code and output come back") {
  const auto result = run_program({"sh", "-c", "cat; echo $WORD >&2; exit 7"}, {{"WORD", "w"}}, "in");
  CHECK(result.exit_code == 7);
  CHECK(result.out == "in");
  CHECK(result.err == "w\n");
  Program sleeper({"sleep", "60"});
  CHECK(sleeper.running());
  CHECK(sleeper.wait(std::chrono::milliseconds(20)).exit_code == 137);
}

TEST_SUITE_END();
