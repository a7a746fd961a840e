#include "origin/convert_plan.hpp"

#include "unit/recentfile/scratch.hpp"

using namespace recentd;
using namespace recentd::test;

namespace {

Interval interval(const char* spec) {
  return Interval::parse(spec).value();
}

// A chain of levels with these events.
std::vector<KnownLevel> chain_of(const std::vector<std::pair<const char*, Lines>>& levels) {
  std::vector<KnownLevel> known;
  for (const auto& [spec, events] : levels) {
    known.push_back({interval(spec), std::nullopt});
    if (!events.empty()) known.back().content = content(events);
  }
  return known;
}

std::vector<PlannedLevel> plan(std::vector<KnownLevel> known, const std::vector<const char*>& specs,
                               std::optional<bool> keep_deletes = {}) {
  std::vector<Interval> chain;
  for (const char* spec : specs) chain.push_back(interval(spec));
  return plan_conversion(std::move(known), chain, keep_deletes, "1000");
}

Lines events(const PlannedLevel& level) {
  return level.content ? lines(level.content->events) : Lines{};
}

}  // namespace

TEST_SUITE("origin::convert_plan") {
  TEST_CASE("a chain that stays holds what it held") {
    const auto planned =
        plan(chain_of({{"1h", {"9000 new a"}}, {"Z", {"9000 new a", "5 new b"}}}), {"1h", "Z"});
    REQUIRE(planned.size() == 2);
    CHECK(events(planned[0]) == Lines{"9000 new a"});
    CHECK(events(planned[1]) == Lines{"9000 new a", "5 new b"});
    for (const auto& level : planned) CHECK_FALSE((level.is_new || level.grows || level.shrinks));
  }

  TEST_CASE("a level that is left out gives its events to the next larger one") {
    const auto planned =
        plan(chain_of({{"1h", {"9000 new a"}}, {"6h", {"9000 new a", "8000 new b"}}, {"Z", {"5 new c"}}}),
             {"1h", "Z"});
    REQUIRE(planned.size() == 2);
    CHECK(events(planned[1]) == Lines{"9000 new a", "8000 new b", "5 new c"});
    CHECK(planned[1].grows);
    CHECK_FALSE(planned[1].is_new);
  }

  TEST_CASE("a new level has all events of its interval, and none before it") {
    const auto planned =
        plan(chain_of({{"1h", {"99000 new a"}}, {"Z", {"99000 new a", "90000 new b", "5 new c"}}}),
             {"1h", "6h", "Z"});
    REQUIRE(planned.size() == 3);
    CHECK(planned[1].is_new);
    CHECK(events(planned[1]) == Lines{"99000 new a", "90000 new b"});
  }

  TEST_CASE("deletes come into the last level if they are to be kept, and leave it if they are not") {
    const std::vector<std::pair<const char*, Lines>> levels = {{"1h", {"9000 delete a"}},
                                                               {"Z", {"8000 new b"}}};
    const auto kept = plan(chain_of(levels), {"1h", "Z"}, true);
    CHECK(events(kept[1]) == Lines{"9000 delete a", "8000 new b"});
    const std::vector<std::pair<const char*, Lines>> with = {{"1h", {"9000 new c"}},
                                                             {"Z", {"8500 delete a", "8000 new b"}}};
    const auto dropped = plan(chain_of(with), {"1h", "Z"}, false);
    CHECK(dropped[1].shrinks);
    CHECK(events(dropped[1]).back() == "8000 new b");
    const auto as_it_was = plan(chain_of(with), {"1h", "Z"});
    CHECK_FALSE(as_it_was[1].shrinks);
  }
}
