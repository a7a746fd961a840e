#include "cli/output.hpp"

#include "unit/cli/cli_test.hpp"

using namespace recentd::test;

namespace {

// Runs `recentd ARGUMENTS` with a stdout whose reader has gone before; its exit code is the last line of err.
std::string without_reader(const std::string& arguments, const std::string& before = "") {
  const TempTree place("fifo");
  const auto script = "mkfifo " + place.path("go") + "; { read line <" + place.path("go") + "; " + before +
                      " \"$0\" " + arguments + "; echo \"code $?\" >&2; } | { exec <&-; echo go >" +
                      place.path("go") + "; }";
  return run_program({"bash", "-c", script, RECENTD_PROGRAM}).err;
}

}  // namespace

TEST_SUITE("cli::output") {
  TEST_CASE("nothing is said of a reader who has seen enough") {
    const TempTree tree("tree");
    tree.write("a", "content");
    REQUIRE(run_recentd({"init", tree.path()}).exit_code == 0);
    // It goes on with its work, and ends as that does.
    CHECK(without_reader("fsck --verbose --settle 0 " + tree.path()) == "code 0\n");
    tree.write("b", "not in the index");
    CHECK(without_reader("fsck --settle 0 " + tree.path()) ==
          "recentd fsck: 1 difference in '" + tree.path() + "'; `recentd fsck " + tree.path() +
              " --repair=index --dry-run` shows what would mend that, if the disk is right\ncode 9\n");
    // It would go on for ever.
    CHECK(without_reader("news --follow --max 1 " + tree.path()) == "code 0\n");
    // Most end by the signal, as filters do; where it is ignored they end likewise.
    CHECK(without_reader("news " + tree.path()) == "code 141\n");
    CHECK(without_reader("news " + tree.path(), "trap '' PIPE;") == "code 0\n");
    CHECK(without_reader("--help", "trap '' PIPE;") == "code 0\n");
  }
}
