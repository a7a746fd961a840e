#include "target/generations/publish_turn.hpp"

#include <doctest/doctest.h>

using namespace recentd::target;

TEST_SUITE("target::publish_turn") {
  TEST_CASE("what is shown and has no news stays") {
    CHECK(publish_turn({.shown = true, .news = false, .idle_is_there = true}) == PublishTurn::nothing_new);
    CHECK(publish_turn({.shown = true, .news = true}) == PublishTurn::bring_up);
  }

  TEST_CASE("what is not shown, or not there any more, is shown at once") {
    CHECK(publish_turn({}) == PublishTurn::bring_up);
    CHECK(
        publish_turn({.news = false, .idle_is_there = true, .left_s = 999, .now_s = 1000, .grace_s = 300}) ==
        PublishTurn::bring_up);
  }

  TEST_CASE("a generation that was left is left alone for the grace") {
    PublishSituation at{.shown = true, .idle_is_there = true, .left_s = 1000, .now_s = 1000, .grace_s = 300};
    CHECK(publish_turn(at) == PublishTurn::wait);
    at.now_s = 1299;
    CHECK(publish_turn(at) == PublishTurn::wait);
    at.now_s = 1300;
    CHECK(publish_turn(at) == PublishTurn::bring_up);
    at.now_s = 1000;
    at.grace_s = 0;
    CHECK(publish_turn(at) == PublishTurn::bring_up);
  }

  TEST_CASE("one that was never shown, or never made, has no readers") {
    CHECK(publish_turn({.shown = true, .idle_is_there = true, .now_s = 5, .grace_s = 300}) ==
          PublishTurn::bring_up);
    CHECK(publish_turn({.shown = true, .left_s = 1000, .now_s = 1001, .grace_s = 300}) ==
          PublishTurn::bring_up);
  }

  TEST_CASE("a clock that was set back makes no wait of years") {
    CHECK(publish_turn(
              {.shown = true, .idle_is_there = true, .left_s = 2'000'000, .now_s = 1000, .grace_s = 300}) ==
          PublishTurn::bring_up);
  }
}
