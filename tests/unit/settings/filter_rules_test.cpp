#include "settings/filter_rules.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

#include "support/tools/temp_tree.hpp"

using namespace recentd;
using namespace recentd::settings;
using recentd::test::TempTree;

namespace {

struct Rules {
  PathFilter wanted, risk;
  void add(const std::string& rule) { add_mirror_rule("--filter", rule, wanted, risk); }
  // Empty: it was taken.
  std::string refusal(const std::string& rule) {
    const Rules before = *this;
    try {
      add(rule);
      return {};
    } catch (const Error& error) {
      CHECK(error.kind() == Kind::usage);
      CHECK(wanted == before.wanted);
      CHECK(risk == before.risk);
      return error.what();
    }
  }
};

}  // namespace

TEST_SUITE("settings::filter_rules") {
  TEST_CASE("each word of rsync's, short and long, goes to the filter that it is of") {
    Rules rules;
    for (const char* rule :
         {"+ /a", "include /b", "S /c", "show /d", "- *.e", "exclude *.f", "H *.g", "hide *.h"})
      rules.add(rule);
    CHECK(rules.wanted.text() == "+ /a\n+ /b\n+ /c\n+ /d\n- *.e\n- *.f\n- *.g\n- *.h\n");
    CHECK(rules.risk.empty());
    for (const char* rule : {"R /local/out/", "risk_/x", "P /local/", "protect trace"}) rules.add(rule);
    CHECK(rules.risk.text() == "+ /local/out/\n+ /x\n- /local/\n- trace\n");
    CHECK_FALSE(rules.risk.wants("local/trace"));
    CHECK(rules.risk.wants("junk"));
  }

  TEST_CASE("a file of rules is read where it is named, with comments, and may name another") {
    const TempTree tree;
    tree.write("inner", "P /kept/\r\n");
    const auto file = tree.write(
        "rules", "# what this mirror leaves out\n\n- *.iso\n; and\nmerge " + tree.path("inner") + "\n+ */\n");
    Rules rules;
    rules.add("- first");
    rules.add("merge " + file);
    rules.add(". " + tree.path("inner"));
    CHECK(rules.wanted.text() == "- first\n- *.iso\n+ */\n");
    CHECK(rules.risk.text() == "- /kept/\n- /kept/\n");
  }

  TEST_CASE("what is no rule is refused, with the file and the line that it stands in") {
    Rules rules;
    for (const char* rule :
         {"", "x", "*.iso", "-", "-", "-! x", "P,s x", ": .rsync-filter", "dir-merge f", "!", "- [a"})
      CHECK_MESSAGE(!rules.refusal(rule).empty(), rule);
    const TempTree tree;
    const auto bad = tree.write("bad", "- a\nnonsense\n");
    PathFilter wanted, risk;
    CHECK_THROWS_WITH_AS(add_mirror_rule("--filter", "merge " + bad, wanted, risk),
                         doctest::Contains("bad, line 2: 'nonsense'"), Error);
    const auto self = tree.path("self");
    tree.write("self", "merge " + self + "\n");
    CHECK_THROWS_WITH_AS(add_mirror_rule("--filter", "merge " + self, wanted, risk),
                         doctest::Contains("too often"), Error);
    CHECK_THROWS_AS(add_mirror_rule("--filter", "merge " + tree.path("absent"), wanted, risk), Error);
  }

  TEST_CASE("where nothing is removed there is nothing to protect") {
    PathFilter wanted;
    add_rule("--filter", "hide *.bak", wanted);
    CHECK(wanted.text() == "- *.bak\n");
    CHECK_THROWS_AS(add_rule("--filter", "P /local/", wanted), Error);
  }
}
