#include "watch/flood.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using recentd::watch::Flood;
using namespace std::chrono_literals;

TEST_SUITE("watch::flood") {
  TEST_CASE("the usual limit lets a thousand files go, or a tenth of a large tree, and no more") {
    CHECK(Flood(DeleteLimit::usual()).allows({0, 1000}, 2001, 0s));
    CHECK_FALSE(Flood(DeleteLimit::usual()).allows({0, 1001}, 9000, 0s));
    CHECK(Flood(DeleteLimit::usual()).allows({0, 100'000}, 1'000'000, 0s));
    CHECK_FALSE(Flood(DeleteLimit::usual()).allows({0, 100'001}, 1'000'000, 0s));
    CHECK(Flood(DeleteLimit::none()).allows({0, 1'000'000}, 1'000'000, 0s));
  }

  TEST_CASE("a small tree that loses half of its files within a minute has had an accident") {
    Flood flood(DeleteLimit::usual());
    CHECK(flood.allows({0, 29}, 60, 0s));
    CHECK_FALSE(flood.allows({0, 1}, 31, 10s));
    CHECK(flood.allows({0, 10}, 31, 75s));
  }

  TEST_CASE("parts of a minute count together, also those that were held back, and then no more") {
    Flood flood(*DeleteLimit::parse("100"));
    CHECK(flood.allows({0, 60}, 1000, 0s));
    CHECK(flood.allows({0, 40}, 940, 10s));
    CHECK_FALSE(flood.allows({0, 1}, 900, 20s));
    CHECK_FALSE(flood.allows({0, 60}, 900, 65s));
    CHECK(flood.allows({0, 40}, 900, 81s));
    CHECK(flood.allows({0, 60}, 860, 126s));
  }

  TEST_CASE("files that came make up for as many that went, in the same minute only") {
    Flood flood(*DeleteLimit::parse("100"));
    CHECK(flood.allows({500, 600}, 1000, 0s));
    CHECK_FALSE(flood.allows({0, 1}, 900, 10s));
    CHECK(flood.allows({1, 0}, 900, 20s));
    CHECK(flood.allows({50, 50}, 901, 30s));
    CHECK_FALSE(flood.allows({0, 101}, 901, 95s));
    CHECK_FALSE(flood.allows({0, 1}, 1'000'000, 96s));
  }

  TEST_CASE("what comes and goes does not make a small tree a large one") {
    Flood flood(*DeleteLimit::parse("50%"));
    CHECK(flood.allows({1000, 0}, 10, 0s));
    CHECK(flood.allows({0, 1000}, 1010, 1s));
    CHECK(flood.allows({0, 5}, 10, 2s));
    CHECK_FALSE(flood.allows({0, 1}, 5, 3s));
  }

  TEST_CASE("a share is one of the tree as it was when the minute began") {
    Flood flood(*DeleteLimit::parse("50%"));
    CHECK(flood.allows({0, 25}, 100, 0s));
    CHECK(flood.allows({0, 25}, 75, 1s));
    CHECK_FALSE(flood.allows({0, 1}, 50, 2s));
  }
}
