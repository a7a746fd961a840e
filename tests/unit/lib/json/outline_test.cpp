#include "lib/json/outline.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include <recentd/error.hpp>

using namespace recentd;

namespace {

std::string refusal(const std::string& text, std::size_t depth_max = 8) {
  try {
    json::outline(text, {.depth = depth_max, .portion_bytes = 1000});
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
      const auto found = json::outline(text, {.depth = 8, .portion_bytes = 1000});
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
    const auto found = json::outline(text, {.depth = 8, .portion_bytes = 200});
    REQUIRE(found.is_list);
    const auto parts = json::portions(text, found.list);
    REQUIRE(parts.size() > 5);
    CHECK(parts.front().begin == 1);
    CHECK(text[parts.back().end] == ']');
    for (std::size_t i = 1; i < parts.size(); ++i) {
      CHECK(parts[i].begin == parts[i - 1].end);
      CHECK(text.substr(parts[i].begin, 2) == ",{");
    }
    CHECK(std::ranges::none_of(parts, &json::Span::oversized));
  }

  TEST_CASE("a map beyond the limit is a portion of its own, wherever it stands") {
    const std::string small = R"({"path":"a"})", large = R"({"path":")" + std::string(1000, '[') + R"("})";
    for (const auto& text : {large + "," + small, small + "," + large + "," + small, small + ", " + large}) {
      const std::string list = "[" + text + "]";
      const auto found = json::outline(list, {.portion_bytes = 100, .item_bytes = 500});
      std::string rest;
      int oversized = 0;
      for (const auto& part : json::portions(list, found.list)) {
        const auto inside = list.substr(part.begin, part.end - part.begin);
        if (!part.oversized) rest += inside;
        if (part.oversized) ++oversized;
      }
      CHECK(oversized == 1);
      CHECK(rest.find('[') == std::string::npos);
      CHECK(rest.find(small) != std::string::npos);
    }
  }

  TEST_CASE("what stands beside the events is bounded, and told by its limit") {
    const auto why = [](const std::string& text) {
      try {
        json::outline(text, {.item_bytes = 500, .frame_bytes = 100});
      } catch (const Error& error) {
        return std::string(error.what());
      }
      return std::string("taken");
    };
    const std::string blanks(1000, ' '),
        events = R"({"recent":[{"path":")" + std::string(400, 'x') + R"("}])";
    CHECK(why(events + R"(,"meta":{}})") == "taken");
    for (const auto& text :
         {blanks + "{}", events + blanks + "}", events + "}" + blanks, R"({"meta":")" + blanks + R"("})",
          R"({"meta":[)" + blanks + "]}", R"({")" + blanks + R"(":1})", R"({"recent":")" + blanks + R"("})"})
      CHECK(why(text).find("100 bytes beside the events") != std::string::npos);
    for (const auto& text : {"[" + blanks + "]", "[\"" + blanks + "\"]", "[" + blanks})
      CHECK(why(text).find("500 bytes that are no event") != std::string::npos);
  }

  TEST_CASE("what is no document, or nested too deeply, is refused") {
    for (const char* bad : {"1", "{", "[", "{]", "{}x", R"({"a":[)", R"(["a)"})
      CHECK(refusal(bad).starts_with("JSON at byte "));
    CHECK(refusal("[[[[]]]]", 4) == "taken");
    CHECK(refusal("[[[[[]]]]]", 4) != "taken");
  }
}
