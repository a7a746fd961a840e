#include "model/value.hpp"

#include <doctest/doctest.h>

using recentd::Value;

TEST_SUITE("model::value") {
  TEST_CASE("members are found by key") {
    const Value map =
        Value::map({{"a", Value::scalar("1")}, {"b", Value::sequence({Value::scalar("2"), Value()})}});
    REQUIRE(map.find("b") != nullptr);
    CHECK(map.find("b")->items.size() == 2);
    CHECK(map.find("b")->items[1].is_null());
    CHECK(map.find("c") == nullptr);
    CHECK(Value::scalar("a").find("a") == nullptr);
  }

  TEST_CASE("values are equal by content") {
    CHECK(Value::scalar("1") == Value::scalar("1"));
    CHECK_FALSE(Value::scalar("1") == Value::scalar("2"));
    CHECK_FALSE(Value::scalar("") == Value());
    CHECK_FALSE(Value::map({}) == Value::sequence({}));
  }
}
