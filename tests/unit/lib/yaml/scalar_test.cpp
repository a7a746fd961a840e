#include "lib/yaml/scalar.hpp"

#include <doctest/doctest.h>

namespace {

using recentd::yaml::HighEscapes;

std::string decoded(std::string_view input, HighEscapes high = HighEscapes::guess) {
  const auto result = recentd::yaml::unescape_double(input, high);
  return result ? result->text : "refused";
}

}  // namespace

TEST_SUITE("lib::yaml::scalar") {
  TEST_CASE("all escapes of YAML 1.1 and 1.2 are understood") {
    CHECK(decoded(R"("\a\b\t\n\v\f\r\e\"\/\\\ ")") == "\a\b\t\n\v\f\r\x1B\"/\\ ");
    CHECK(decoded(R"("\0\x41\u00e9\U0001F600")") == std::string("\0A\xC3\xA9\xF0\x9F\x98\x80", 8));
    CHECK(decoded(R"("\N\_\L\P")") == "\xC2\x85\xC2\xA0\xE2\x80\xA8\xE2\x80\xA9");
  }

  TEST_CASE("unknown escapes, bad digits, surrogates and missing quotes are refused") {
    for (const char* text :
         {R"("\q")", R"("\x4")", R"("\u12g4")", R"("\ud800")", R"("\U00110000")", R"("abc)", R"("\)"}) {
      CHECK(decoded(text) == "refused");
    }
  }

  TEST_CASE("high escapes are bytes if they make UTF-8, else code points, unless it is known better") {
    CHECK(decoded(R"("\xC3\xA9")") == "\xC3\xA9");
    CHECK(decoded(R"("\xE9")") == "\xC3\xA9");
    CHECK(decoded(R"("\xE9")", HighEscapes::bytes) == "\xE9");
    CHECK(recentd::yaml::unescape_double(R"("\xE9")", HighEscapes::guess)->guessed_points);
    CHECK_FALSE(recentd::yaml::unescape_double(R"("\xC3\xA9")", HighEscapes::guess)->guessed_points);
  }

  TEST_CASE("lines fold as YAML says") {
    CHECK(decoded("\"a  \n   b\"") == "a b");
    CHECK(decoded("\"a\n\n\n b\"") == "a\n\nb");
    CHECK(decoded("\"a\\\n   b\"") == "ab");
    CHECK(decoded("\"a\\ \n b\"") == "a  b");
    CHECK(decoded("\"a\r\n b\"") == "a b");
    CHECK(recentd::yaml::unescape_single("'it''s\n here' rest")->text == "it's here");
    CHECK(recentd::yaml::unescape_single("'it''s' rest")->consumed == 7);
    CHECK_FALSE(recentd::yaml::unescape_single("'it''s"));
  }

  TEST_CASE("base64 is decoded and checked") {
    CHECK(recentd::yaml::decode_base64("Zm9v\n YmE=") == "fooba");
    CHECK(recentd::yaml::decode_base64("/+8=") == "\xFF\xEF");
    CHECK_FALSE(recentd::yaml::decode_base64("a*b"));
    CHECK_FALSE(recentd::yaml::decode_base64("Zm9vY"));
  }
}
