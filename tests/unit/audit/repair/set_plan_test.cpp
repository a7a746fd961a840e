#include "audit/repair/set_plan.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::audit;
using Level = SetPlan::Level;

namespace {

LevelReading level(const char* newest, const char* oldest, const char* merged = nullptr) {
  LevelReading reading;
  reading.exists = reading.readable = true;
  reading.newest = Epoch::parse(newest);
  reading.oldest = Epoch::parse(oldest);
  if (merged) reading.merged_epoch = Epoch::parse(merged);
  reading.dirtymark = "5";
  return reading;
}

LevelReading broken() {
  LevelReading reading;
  reading.exists = true;
  return reading;
}

}  // namespace

TEST_SUITE("audit::set_plan") {
  TEST_CASE("a set that is right needs nothing, also if its larger levels do not exist yet") {
    CHECK(plan_repair({level("30", "20", "28"), level("28", "10"), LevelReading()}).empty());
    CHECK(plan_repair({level("30", "20")}).empty());
  }

  TEST_CASE("a lost level in between is made from its neighbours, which say what is lost with it") {
    const auto joined = plan_repair({level("30", "20", "28"), broken(), level("25", "1")});
    CHECK(joined.levels == std::vector{Level::unmerge, Level::rebuild, Level::keep});
    CHECK(joined.lost_above == Epoch::parse("25"));
    CHECK(joined.aggregate);
    CHECK_FALSE(joined.all_anew);
    CHECK_FALSE(plan_repair({level("30", "20"), broken(), level("25", "1")}).lost_above);
    CHECK(plan_repair({level("30", "20"), broken(), level("19", "1")}).lost_above == Epoch::parse("19"));
  }

  TEST_CASE("a lost principal loses what came after the next level's newest") {
    for (const auto& principal : {broken(), LevelReading()}) {
      const auto plan = plan_repair({principal, level("25", "10", "25"), level("25", "1")});
      CHECK(plan.levels == std::vector{Level::rebuild, Level::keep, Level::keep});
      CHECK(plan.lost_above == Epoch::parse("25"));
    }
  }

  TEST_CASE("without the largest level all have to be made anew") {
    CHECK(plan_repair({level("30", "20", "28"), level("28", "10"), broken()}).all_anew);
    CHECK(plan_repair({level("30", "20", "28"), LevelReading()}).all_anew);  // it was merged into something
    CHECK(plan_repair({broken(), broken()}).all_anew);
  }

  TEST_CASE("levels that are untidy, do not join, or differ in their dirtymark") {
    auto untidy = level("28", "10");
    untidy.untidy = true;
    const auto tidy = plan_repair({level("30", "20", "28"), untidy});
    CHECK(tidy.levels == std::vector{Level::keep, Level::tidy});
    CHECK_FALSE(tidy.aggregate);
    CHECK(plan_repair({level("30", "20"), level("15", "1")}).empty());  // never merged, so never cut
    const auto gap = plan_repair({level("30", "20", "16"), level("15", "1")});
    CHECK(gap.levels == std::vector{Level::unmerge, Level::keep});
    CHECK(gap.lost_above == Epoch::parse("15"));
    CHECK(gap.aggregate);
    auto other = level("28", "10");
    other.dirtymark = "6";
    const auto marks = plan_repair({level("30", "20", "28"), other});
    CHECK(marks.aggregate);
    CHECK_FALSE(marks.lost_above);
  }
}
