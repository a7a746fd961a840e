#include "watch/flood.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using recentd::watch::Flood;
using namespace std::chrono_literals;

TEST_SUITE("watch::flood") {
  TEST_CASE("the usual limit lets a thousand files go, or a tenth of a large tree, and no more") {
    CHECK(Flood(DeleteLimit::usual()).allows(1000, 1000, 0s));
    CHECK_FALSE(Flood(DeleteLimit::usual()).allows(1001, 9000, 0s));
    CHECK(Flood(DeleteLimit::usual()).allows(100'000, 1'000'000, 0s));
    CHECK_FALSE(Flood(DeleteLimit::usual()).allows(100'001, 1'000'000, 0s));
    CHECK(Flood(DeleteLimit::none()).allows(1'000'000, 1'000'000, 0s));
  }

  TEST_CASE("parts of a minute count together, also those that were held back, and then no more") {
    Flood flood(*DeleteLimit::parse("100"));
    CHECK(flood.allows(60, 1000, 0s));
    CHECK(flood.allows(40, 940, 10s));
    CHECK_FALSE(flood.allows(1, 900, 20s));
    CHECK_FALSE(flood.allows(60, 900, 65s));
    CHECK(flood.allows(40, 900, 81s));
    CHECK(flood.allows(60, 860, 126s));
  }

  TEST_CASE("a share is one of the tree as it was when the minute began") {
    Flood flood(*DeleteLimit::parse("50%"));
    CHECK(flood.allows(25, 100, 0s));
    CHECK(flood.allows(25, 75, 1s));
    CHECK_FALSE(flood.allows(1, 50, 2s));
  }
}
