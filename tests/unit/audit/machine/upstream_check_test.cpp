#include "audit/machine/upstream_check.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::audit;
using Grade = MachineFinding::Grade;

TEST_SUITE("audit::upstream_check") {
  TEST_CASE("of several sources one is enough") {
    const auto alone = judge_upstreams("tree", {{"a::m", "cannot be mirrored", Kind::missing}});
    REQUIRE(alone.size() == 1);
    CHECK(alone[0].grade == Grade::bad);
    CHECK(alone[0].kind == Kind::missing);
    CHECK(alone[0].text == "its source 'a::m' cannot be mirrored");
    CHECK(alone[0].commands == std::vector<std::string>{"recentd doctor a::m"});
    const auto two = judge_upstreams(
        "tree", {{"a::m", "cannot be mirrored", Kind::missing}, {"b::m", "can be mirrored", {}}});
    REQUIRE(two.size() == 2);
    CHECK(two[0].grade == Grade::odd);
    CHECK(two[1].grade == Grade::good);
    CHECK(judge_upstreams("tree", {}).empty());
  }
}
