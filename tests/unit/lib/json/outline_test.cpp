#include "lib/json/outline.hpp"

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;

namespace {

std::string refusal(const std::string& text, std::size_t depth_max = 8) {
  try {
    json::outline(text, depth_max, 1000);
  } catch (const Error& error) {
    CHECK(error.kind() == Kind::corrupt);
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_SUITE("lib::json::outline") {
  TEST_CASE("brackets in strings do not count, wherever blocks of 64 bytes end") {
    for (std::size_t lead = 0; lead < 140; ++lead) {
      const auto text =
          std::string(lead, ' ') + R"({"a\\\"]}{":["\\","]"],"b":{"c":[]}})" + std::string(lead % 7, '\n');
      const auto found = json::outline(text, 8, 1000);
      REQUIRE(found.members.size() == 2);
      CHECK(text.substr(found.members[0].value.begin,
                        found.members[0].value.end - found.members[0].value.begin) == R"(["\\","]"])");
      CHECK(found.members[1].key == "b");
    }
  }

  TEST_CASE("a list is cut behind items alone, and its portions are all of it") {
    std::string text = "[";
    for (int i = 0; i < 100; ++i) text += (i > 0 ? "," : "") + std::string(R"({"path":"a,[b","n":[1,2]})");
    text += "]";
    const auto found = json::outline(text, 8, 200);
    REQUIRE(found.is_list);
    const auto parts = json::portions(text, found.list, 1000);
    REQUIRE(parts.size() > 5);
    CHECK(parts.front().begin == 1);
    CHECK(text[parts.back().end] == ']');
    for (std::size_t i = 1; i < parts.size(); ++i) {
      CHECK(parts[i].begin == parts[i - 1].end);
      CHECK(text.substr(parts[i].begin, 2) == ",{");
    }
    CHECK_THROWS_AS(json::portions(text, found.list, 20), Error);
  }

  TEST_CASE("what is no document, or nested too deeply, is refused") {
    for (const char* bad : {"1", "{", "[", "{]", "{}x", R"({"a":[)", R"(["a)"})
      CHECK(refusal(bad).starts_with("JSON at byte "));
    CHECK(refusal("[[[[]]]]", 4) == "taken");
    CHECK(refusal("[[[[[]]]]]", 4) != "taken");
  }
}
