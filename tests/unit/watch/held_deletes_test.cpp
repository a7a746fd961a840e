#include "watch/held_deletes.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace recentd::watch;
using namespace std::chrono_literals;

namespace {

HeldDeletes held_deletes() {
  return {DeleteLimit::parse("10").value(), 0s};
}

}  // namespace

TEST_SUITE("watch::held_deletes") {
  TEST_CASE("a flood is held, few deletes and a turnover are not") {
    auto held = held_deletes();
    CHECK_FALSE(held.hold({0, 10}, 1000, 0s));
    CHECK(held.hold({0, 1}, 990, 30s));  // of the same minute
    CHECK_FALSE(held.hold({0, 10}, 990, 5min));
    CHECK_FALSE(held.hold({500, 500}, 1000, 10min));
    CHECK_FALSE(held.hold({500, 0}, 1000, 10min));
  }

  TEST_CASE("disk and index are compared again ever more rarely while deletes are held, and not else") {
    auto held = held_deletes();
    CHECK_FALSE(held.look_again(1h));
    held.set(20, 0s);
    CHECK_FALSE(held.look_again(59s));
    CHECK(held.look_again(60s));
    CHECK_FALSE(held.look_again(179s));
    CHECK(held.look_again(180s));
    auto now = std::chrono::nanoseconds(180s);
    for (int look = 0; look < 10; ++look) CHECK(held.look_again(now += 1h));
    CHECK_FALSE(held.look_again(now + 59min));
  }

  TEST_CASE("a new flood is looked at a minute later, however long the pause of the last one was") {
    auto held = held_deletes();
    held.set(20, 0s);
    for (auto now = 1h; now <= 8h; now += 1h) held.look_again(now);
    held.set(0, 8h);
    CHECK(held.hold({0, 50}, 1000, 8h + 30s));
    held.set(50, 8h + 30s);
    CHECK_FALSE(held.look_again(8h + 89s));
    CHECK(held.look_again(8h + 90s));
  }

  TEST_CASE("somebody is told at the first, when it gets much worse, and again after an end") {
    auto held = held_deletes();
    CHECK_FALSE(held.set(0, 0s));
    CHECK(held.set(20, 0s));
    CHECK_FALSE(held.set(20, 1s));
    CHECK(held.set(100, 2s));
    CHECK(held.count() == 100);
    CHECK_FALSE(held.set(0, 3s));
    CHECK(held.set(20, 4s));
  }
}
