#include "base/backoff.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST_SUITE("base::backoff") {
  TEST_CASE("the same seed gives the same chance, another seed another one, all in [0, 1)") {
    Jitter a(7), b(7), c(8);
    bool other = false;
    for (int i = 0; i < 1000; ++i) {
      const double value = a.next();
      CHECK(value == b.next());
      other = other || value != c.next();
      CHECK(value >= 0.0);
      CHECK(value < 1.0);
    }
    CHECK(other);
  }

  TEST_CASE("each failure doubles the wait, within a quarter, up to the limit") {
    Backoff backoff;
    Jitter jitter(3);
    nanoseconds expected = 1s;
    for (int i = 0; i < 100; ++i) {
      const auto wait = backoff.failed({1s, 300s}, Trouble::unreachable, jitter);
      CHECK(wait <= expected);
      CHECK(wait >= expected * 3 / 4);
      expected = std::min<nanoseconds>(expected * 2, 300s);
    }
    CHECK(backoff.failures() == 100);
  }

  TEST_CASE("an upstream that turns us away is asked less eagerly from the first time on") {
    Backoff backoff;
    Jitter jitter(3);
    const auto wait = backoff.failed({1s, 300s}, Trouble::turned_away, jitter);
    CHECK(wait <= 8s);
    CHECK(wait >= 6s);
  }

  TEST_CASE("success starts over with short waits") {
    Backoff backoff;
    Jitter jitter(3);
    for (int i = 0; i < 20; ++i) backoff.failed({1s, 300s}, Trouble::unreachable, jitter);
    backoff.succeeded();
    CHECK(backoff.failures() == 0);
    CHECK(backoff.failed({1s, 300s}, Trouble::unreachable, jitter) <= 1s);
  }

  TEST_CASE("a limit below the first wait is raised to it") {
    Backoff backoff;
    Jitter jitter(3);
    for (int i = 0; i < 5; ++i) {
      const auto wait = backoff.failed({10s, 2s}, Trouble::unreachable, jitter);
      CHECK(wait <= 10s);
      CHECK(wait >= 7500ms);
    }
  }

  TEST_CASE("a hundred mirrors that lost one upstream together do not come back together") {
    nanoseconds first = 1h, last = 0s;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      Backoff backoff;
      Jitter jitter(seed);
      nanoseconds at = 0s;
      for (int i = 0; i < 6; ++i) at += backoff.failed({1s, 300s}, Trouble::unreachable, jitter);
      first = std::min(first, at);
      last = std::max(last, at);
    }
    CHECK(last - first > 8s);
  }
}
