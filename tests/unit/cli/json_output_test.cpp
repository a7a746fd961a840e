#include "cli/json_output.hpp"

#include <doctest/doctest.h>

using namespace recentd::cli;

TEST_SUITE("cli::json_output") {
  TEST_CASE("an object has its members in the order in which they came") {
    CHECK(JsonObject().str() == "{}");
    CHECK(JsonObject().number("n", 5).boolean("b", false).raw("list", "[1]").text("t", "x").str() ==
          R"({"n": 5, "b": false, "list": [1], "t": "x"})");
  }

  TEST_CASE("texts are escaped as JSON wants it, names are UTF-8 whatever they are") {
    CHECK(json_quoted("a\"\\\n\x01") == R"("a\"\\\u000a\u0001")");
    CHECK(json_quoted("caf\xC3\xA9") == "\"caf\xC3\xA9\"");
    CHECK(JsonObject().name("p", "a\xFF\n").str() == R"({"p": "a\\xFF\\x0A"})");
  }
}
