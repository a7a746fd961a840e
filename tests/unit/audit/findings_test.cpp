#include "audit/findings.hpp"

#include <doctest/doctest.h>

using namespace recentd::audit;

TEST_SUITE("audit::findings") {
  TEST_CASE("all are counted, the first of each check are kept, in the order of the checks") {
    Findings findings(2);
    CHECK(findings.total() == 0);
    for (const char* name : {"a", "b", "c"}) findings.add(Check::missing, name, "gone");
    findings.add(Check::index, "RECENT-1h.yaml", "broken");
    CHECK(findings.total() == 4);
    CHECK(findings.count(Check::missing) == 3);
    CHECK(findings.count(Check::extra) == 0);
    std::string names;
    for (const auto& finding : findings.kept()) names += finding.name + " ";
    CHECK(names == "RECENT-1h.yaml a b ");
  }

  TEST_CASE("each check has a word of its own") {
    std::vector<std::string_view> words;
    for (auto check = static_cast<int>(Check::index); check <= static_cast<int>(Check::source); ++check)
      words.push_back(to_string(static_cast<Check>(check)));
    CHECK(words.front() == "index");
    CHECK(words.back() == "source");
    std::sort(words.begin(), words.end());
    CHECK(std::unique(words.begin(), words.end()) == words.end());
  }
}
