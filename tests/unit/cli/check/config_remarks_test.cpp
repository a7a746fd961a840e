#include "cli/check/config_remarks.hpp"

#include "unit/cli/cli_test.hpp"

using namespace recentd;
using namespace recentd::cli;

TEST_SUITE_BEGIN("cli::config_remarks");

namespace {

std::vector<std::string> remarks(const std::string& text) {
  const auto config = settings::parse_config(text);
  for (const auto& problem : config.problems) FAIL_CHECK(problem.text);
  return remarks_on_places(config);
}

std::string mirror_of(const std::string& name, const std::string& target) {
  return "  " + name + ": {source: 'h::m', target: " + target + "}\n";
}

}  // namespace

TEST_CASE("trees beside each other are not worth a word, be their directories there or not") {
  const test::TempTree tree;
  tree.make_directory("a");
  CHECK(remarks("mirrors:\n" + mirror_of("a", tree.path("a")) + mirror_of("b", tree.path("ab"))).empty());
}

TEST_CASE("a tree that lies in another is told with the lines of both, links resolved") {
  const test::TempTree tree;
  tree.make_directory("real");
  tree.make_link("link", "real");
  const auto told = remarks("mirrors:\n" + mirror_of("in", tree.path("link/in")) +
                            "origins:\n  out: {root: " + tree.path("real") + "}\n");
  REQUIRE(told.size() == 1);
  CHECK(told[0].starts_with("tree 'in' (line 2): '" + tree.path("real/in") + "' lies inside '" +
                            tree.path("real") + "' of tree 'out' (line 4)"));
}

TEST_CASE(
    "a tree around one that the file does not tell of is told, and so is a target that would be refused") {
  const test::TempTree tree;
  tree.write("outer/RECENT.recent", "x");
  tree.write("parent/pub/.recentd/state", "x");
  const auto told = remarks("mirrors:\n" + mirror_of("in", tree.path("outer/in")) + mirror_of("etc", "/etc") +
                            mirror_of("parent", tree.path("parent")));
  REQUIRE(told.size() == 3);
  CHECK(test::contains(told[0], "lies inside another tree, '" + tree.path("outer") + "'"));
  CHECK(test::contains(told[1], "target '/etc' is a directory of the system"));
  CHECK(test::contains(told[2], "holds another tree, '" + tree.path("parent/pub") + "'"));
}

TEST_SUITE_END();
