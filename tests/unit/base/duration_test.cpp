#include "base/duration.hpp"

#include <doctest/doctest.h>

using recentd::duration_text;

TEST_SUITE("base::duration") {
  TEST_CASE("a length of time has the two units that people want to hear") {
    CHECK(duration_text(-5) == "0 s");
    CHECK(duration_text(0) == "0 s");
    CHECK(duration_text(59) == "59 s");
    CHECK(duration_text(60) == "1 min");
    CHECK(duration_text(125) == "2 min 5 s");
    CHECK(duration_text(725) == "12 min");
    CHECK(duration_text(7500) == "2 h 5 min");
    CHECK(duration_text(86400 + 3599) == "1 d");
    CHECK(duration_text(3 * 86400 + 3700) == "3 d 1 h");
    CHECK(duration_text(400 * 86400) == "400 d");
  }
}
