#include "codec/json/json_text.hpp"

#include <doctest/doctest.h>

using namespace recentd::codec;

TEST_SUITE("codec::json_text") {
  TEST_CASE("escapes are decoded, lone surrogates stand for bytes or are refused") {
    CHECK(decode_json_text(R"(\"\\\/\b\f\n\r\t\u0041\ud83d\ude00)", JsonCharacters::utf8) ==
          "\"\\/\b\f\n\r\tA\xF0\x9F\x98\x80");
    CHECK(decode_json_text(R"(a\u0000b)", JsonCharacters::utf8) == std::string("a\0b", 3));
    CHECK(decode_json_text(R"(\udcff)", JsonCharacters::utf8) == "\xFF");
    CHECK_FALSE(decode_json_text(R"(\ud800)", JsonCharacters::utf8));
    CHECK_FALSE(decode_json_text(R"(\ud800\u0041)", JsonCharacters::utf8));
    CHECK_FALSE(decode_json_text(R"(\udcff)", JsonCharacters::bytes));
    CHECK_FALSE(decode_json_text(R"(\x41)", JsonCharacters::utf8));
    CHECK_FALSE(decode_json_text(R"(\u00g0)", JsonCharacters::utf8));
    CHECK_FALSE(decode_json_text("\\", JsonCharacters::utf8));
  }

  TEST_CASE("bytes are code points below U+0100, or the whole text is UTF-8") {
    CHECK(decode_json_text("caf\xC3\xA9", JsonCharacters::bytes) == "caf\xE9");
    CHECK(decode_json_text("caf\xC3\xA9", JsonCharacters::utf8) == "caf\xC3\xA9");
    CHECK(decode_json_text("\\u20ac\xC3\xA9", JsonCharacters::bytes) == "\xE2\x82\xAC\xC3\xA9");
  }

  TEST_CASE("a text without backslashes, and for bytes without others than ASCII, stands for itself") {
    const std::string plain(37, 'x');
    for (std::size_t i = 0; i < plain.size(); ++i) {
      CAPTURE(i);
      auto text = plain;
      text[i] = '\\';
      CHECK_FALSE(is_literal_json_text(text, JsonCharacters::bytes));
      CHECK_FALSE(is_literal_json_text(text, JsonCharacters::utf8));
      text[i] = '\xC3';
      CHECK_FALSE(is_literal_json_text(text, JsonCharacters::bytes));
      CHECK(is_literal_json_text(text, JsonCharacters::utf8));
    }
    CHECK(is_literal_json_text(plain, JsonCharacters::bytes));
    CHECK(is_literal_json_text("", JsonCharacters::bytes));
  }
}
