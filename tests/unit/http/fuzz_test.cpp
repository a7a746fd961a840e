#include <doctest/doctest.h>

#include "fuzz/corpus.hpp"
#include "fuzz/http_target.hpp"

using namespace recentd;

TEST_SUITE("http::fuzz") {
  TEST_CASE("the fuzzer's corpus, and what is like it, is read as what a web server says without harm") {
    const auto inputs = test::corpus("http");
    REQUIRE(inputs.size() > 10);
    for (const auto& input : inputs) CHECK(http::fuzz::check(input) == "");
    std::mt19937 random(20261130);
    for (int i = 0; i < 20'000; ++i) {
      const auto text = test::mutated(inputs, random);
      REQUIRE_MESSAGE(http::fuzz::check(text).empty(), http::fuzz::check(text), ": ", text);
    }
  }
}
