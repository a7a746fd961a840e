#include "recentfile/order.hpp"

#include <doctest/doctest.h>

using namespace recentd;

namespace {

EventList list_of(const std::vector<const char*>& epochs) {
  EventList events;
  for (const char* epoch : epochs)
    events.append({Epoch::parse(epoch).value(), std::string("p") + epoch, EventType::new_, {}, {}});
  return events;
}

bool descends(const EventList& events) {
  for (std::size_t i = 1; i < events.rows.size(); ++i)
    if (events.rows[i - 1].epoch() <= events.rows[i].epoch()) return false;
  return true;
}

std::string text(const EventList& events, std::size_t i) {
  return std::string(events.rows[i].epoch().text);
}

Epoch epoch(const char* text) {
  return Epoch::parse(text).value();
}

}  // namespace

TEST_SUITE("recentfile::order") {
  TEST_CASE("places above an epoch ascend, within its second and below the next newer one") {
    const auto low = epoch("100.5");
    for (const auto* newer : {"100.50001", "100.9", "101", "200"}) {
      const auto limit = epoch(newer);
      const auto places = epochs_above(low.view(), limit.view(), 50);
      REQUIRE(places.size() == 50);
      auto before = low;
      for (const auto& place : places) {
        CHECK(place > before);
        CHECK(place < limit);
        CHECK(place < epoch("101"));
        before = place;
      }
    }
    CHECK(epochs_above(low.view(), std::nullopt, 0).empty());
    CHECK(epochs_above(low.view(), std::nullopt, 1).front() < epoch("101"));
  }

  TEST_CASE("of equal epochs the last keeps its own, and the others move up in their order") {
    auto events = list_of({"200", "100", "100", "100", "50"});
    const auto spacing = space_ties(events, std::nullopt);
    CHECK(spacing.moved);
    CHECK(descends(events));
    CHECK(text(events, 0) == "200");
    CHECK(text(events, 3) == "100");
    CHECK(text(events, 4) == "50");
    CHECK(events.rows[1].epoch() < epoch("101").view());
  }

  TEST_CASE("one value in two spellings is a tie") {
    auto events = list_of({"100.0", "1e2"});
    CHECK(space_ties(events, std::nullopt).moved);
    CHECK(descends(events));
    CHECK(text(events, 1) == "1e2");
  }

  TEST_CASE("a list without ties stays as it is") {
    auto events = list_of({"3", "2.0", "1"});
    CHECK_FALSE(space_ties(events, std::nullopt).moved);
    CHECK(text(events, 1) == "2.0");
    EventList none;
    CHECK_FALSE(space_ties(none, std::nullopt).moved);
  }

  TEST_CASE("what moved past a mark is told: it has to be merged once more") {
    const auto at = epoch("100"), above = epoch("150"), below = epoch("50");
    for (const auto& [mark, crossed] : {std::pair{at, true}, {above, false}, {below, false}}) {
      auto events = list_of({"100", "100"});
      CHECK(space_ties(events, mark.view()).crossed == crossed);
    }
  }
}
