#include "cli/check/machine_report.hpp"

#include "unit/cli/cli_test.hpp"

using namespace recentd;
using namespace recentd::cli;
using Grade = audit::MachineFinding::Grade;

namespace {

const MachineFindings k_findings = {
    {Grade::good, "user", "you are me"},
    {Grade::odd, "places", "tree 'a' (line 2) lies inside another"},
    {Grade::bad, "tree 'a' (line 2)", "it is closed", {"chown a b", "ls"}, Kind::io},
    {Grade::bad, "rsync", "there is none", {}, Kind::transport}};

}  // namespace

TEST_SUITE("cli::machine_report") {
  TEST_CASE("the first that is bad makes the code") {
    CHECK(code_of(k_findings) == 7);
    CHECK(code_of({k_findings[0], k_findings[1]}) == 0);
    CHECK(code_of({}) == 0);
  }

  TEST_CASE("what is bad comes first, with its commands as they are") {
    CHECK(report_text(k_findings) ==
          "recentd cannot do all of its work here: 2 findings to act on, 1 thing to look at\n"
          "  bad   tree 'a' (line 2): it is closed\n"
          "  do    chown a b\n"
          "  do    ls\n"
          "  bad   rsync: there is none\n"
          "  odd   places: tree 'a' (line 2) lies inside another\n"
          "  good  user: you are me\n");
    CHECK(report_text({k_findings[3]})
              .starts_with("recentd cannot do all of its work here: 1 finding to act on\n"));
    CHECK(report_text({k_findings[1]}).starts_with("recentd can work here, with 1 thing to look at\n"));
    CHECK(report_text({k_findings[0]}).starts_with("recentd can work here: all is well\n"));
  }

  TEST_CASE("lines of a check name the file and leave out what is good") {
    CHECK(report_lines("/etc/x", k_findings) ==
          std::vector<std::string>{"/etc/x: tree 'a' (line 2) lies inside another",
                                   "/etc/x: tree 'a' (line 2): it is closed; do: chown a b && ls",
                                   "/etc/x: rsync: there is none"});
  }

  TEST_CASE("the object for programs") {
    CHECK(report_json({k_findings[2]}) ==
          R"x({"fit": false, "findings": [{"grade": "bad", "about": "tree 'a' (line 2)", )x"
          R"x("text": "it is closed", "do": ["chown a b","ls"]}]})x");
  }
}
