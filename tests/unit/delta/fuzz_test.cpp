#include <doctest/doctest.h>

#include "fuzz/corpus.hpp"
#include "fuzz/delta_target.hpp"

using namespace recentd;

TEST_SUITE("delta::fuzz") {
  TEST_CASE("the fuzzer's corpus, and what is like it, is read as versions and deltas without harm") {
    const auto inputs = recentd::test::corpus("delta");
    REQUIRE(inputs.size() > 10);
    for (const auto& input : inputs) CHECK(delta::fuzz::check(input) == "");
    std::mt19937 random(20261130);
    for (int i = 0; i < 20'000; ++i) {
      const auto text = recentd::test::mutated(inputs, random);
      REQUIRE_MESSAGE(delta::fuzz::check(text).empty(), delta::fuzz::check(text), ": ", text);
    }
  }
}
