#include "watch/resting.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace recentd::watch;
using namespace std::chrono_literals;

TEST_SUITE("watch::resting") {
  TEST_CASE("a path is due at its time, once, and not if it is gone") {
    Resting resting;
    resting.note("a", 1h);
    resting.note("b", 1h);
    resting.note("c", 1h);
    resting.forget("c");
    resting.note("b", 90min);
    CHECK(resting.take_due(59min).empty());
    CHECK(resting.take_due(61min) == std::vector<std::string>{"a"});
    CHECK(resting.take_due(61min).empty());
    CHECK(resting.take_due(91min) == std::vector<std::string>{"b"});
    CHECK(resting.size() == 0);
  }

  TEST_CASE("what cannot be remembered makes the whole tree be looked at, when it has rested") {
    Resting resting;
    for (std::size_t i = 0; i < Resting::k_paths_max; ++i) resting.note(std::to_string(i), 1h);
    resting.note("0", 2h);
    CHECK_FALSE(resting.take_overflow(3h));
    resting.note("more", 1h);
    CHECK(resting.size() == Resting::k_paths_max);
    CHECK_FALSE(resting.take_overflow(59min));
    CHECK(resting.take_overflow(61min));
    CHECK_FALSE(resting.take_overflow(3h));
  }
}
