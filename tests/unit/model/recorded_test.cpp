#include "model/recorded.hpp"

#include <doctest/doctest.h>

using namespace recentd;

namespace {

Agreement size(const char* text, std::uint64_t bytes) {
  Recorded recorded;
  recorded.size = text;
  return agrees_in_size(recorded, bytes);
}
Agreement time(const char* text, std::int64_t seconds, std::uint32_t nanoseconds) {
  Recorded recorded;
  recorded.mtime = text;
  return agrees_in_time(recorded, seconds, nanoseconds);
}

}  // namespace

TEST_SUITE("model::recorded") {
  TEST_CASE("a size agrees with itself; what is not recorded, or no number, says nothing") {
    CHECK(size("700", 700) == Agreement::same);
    CHECK(size("700", 701) == Agreement::differs);
    for (const char* nothing : {"", "-1", "7x", "99999999999999999999"})
      CHECK(size(nothing, 7) == Agreement::unknown);
  }

  TEST_CASE("a time agrees to the nanosecond") {
    CHECK(time("1700000000", 1700000000, 0) == Agreement::same);
    CHECK(time("1700000000.5", 1700000000, 500'000'000) == Agreement::same);
    CHECK(time("1700000000.000000001", 1700000000, 1) == Agreement::same);
    CHECK(time("1700000000.000000001", 1700000000, 2) == Agreement::differs);
    CHECK(time("1700000000", 1700000001, 0) == Agreement::differs);
    for (const char* nothing : {"", "soon"}) CHECK(time(nothing, 0, 0) == Agreement::unknown);
  }

  TEST_CASE("a recorded time is told in nanoseconds, if a file can have it") {
    const auto told = [](const char* text) {
      Recorded recorded;
      recorded.mtime = text;
      return mtime_of(recorded);
    };
    CHECK(told("1700000000.000000007") == std::chrono::seconds(1700000000) + std::chrono::nanoseconds(7));
    CHECK(told("0") == std::chrono::nanoseconds(0));
    for (const char* nothing : {"", "soon", "-5", "99999999999999999999"}) CHECK_FALSE(told(nothing));
  }

  TEST_CASE("recorded keys of an event are found among its others") {
    EventList events;
    events.append({*Epoch::parse("5"),
                   "a",
                   EventType::new_,
                   {},
                   {{"link", "to"}, {"mtime", "7"}, {"odd", "x"}, {"size", "12"}}});
    events.append({*Epoch::parse("4"), "b", EventType::new_, {}, {}});
    const auto recorded = recorded_of(events, events.rows[0]);
    CHECK(recorded.link == "to");
    CHECK(recorded.size == "12");
    CHECK(recorded.mtime == "7");
    CHECK(recorded.digest.empty());
    CHECK_FALSE(recorded_of(events, events.rows[1]).any());
  }
}
