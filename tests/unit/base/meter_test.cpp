#include "base/meter.hpp"

#include <doctest/doctest.h>

using recentd::Meter;

TEST_SUITE("base::meter") {
  TEST_CASE("a part of the work begins with counts of its own") {
    Meter meter;
    CHECK(meter.look().phase.empty());
    meter.begin("reading", 10);
    meter.add(3, 700);
    meter.add(1);
    const auto first = meter.look();
    CHECK(first.phase == "reading");
    CHECK(first.done == 4);
    CHECK(first.total == 10);
    CHECK(first.bytes == 700);
    meter.begin("writing");
    const auto second = meter.look();
    CHECK(second.part > first.part);
    CHECK(second.done + second.total + second.bytes == 0);
    meter.end();
    CHECK(meter.look().phase.empty());
  }

  TEST_CASE("a count never passes its total, and never falls") {
    Meter meter;
    meter.begin("reading", 2);
    meter.add(5);
    CHECK(meter.look().total == 5);
    meter.expect(9);
    CHECK(meter.look().total == 9);
    meter.reach(7);
    CHECK(meter.look().done == 7);
    meter.reach(6);
    CHECK(meter.look().done == 7);
    meter.begin("what nobody can count");
    meter.add(5);
    CHECK(meter.look().total == 0);
  }
}
