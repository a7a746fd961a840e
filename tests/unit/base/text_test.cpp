#include "base/text.hpp"

#include <doctest/doctest.h>

using namespace recentd;
using namespace std::string_literals;

TEST_SUITE("base::text") {
  TEST_CASE("escaped shows what a terminal would act on") {
    CHECK(escaped("plain name.tar.gz") == "plain name.tar.gz");
    CHECK(escaped("a\nb\tc\0d\x7F"s) == "a\\x0Ab\\x09c\\x00d\\x7F");
    CHECK(escaped("back\\slash") == "back\\x5Cslash");
    CHECK(escaped("gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80") == "gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80");
    CHECK(escaped("csi \xC2\x9B") == "csi \\xC2\\x9B");
    CHECK(quoted("a'b\n") == "'a'b\\x0A'");
  }

  TEST_CASE("escaped shows marks that turn a line round, and nothing beside them") {
    for (const char* mark : {"\xD8\x9C", "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xA8", "\xE2\x80\xA9",
                             "\xE2\x80\xAA", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA9"}) {
      std::string spelled;
      for (const char* at = mark; *at != '\0'; ++at) {
        constexpr char k_digits[] = "0123456789ABCDEF";
        const auto byte = static_cast<unsigned char>(*at);
        spelled += {'\\', 'x', k_digits[byte >> 4], k_digits[byte & 15]};
      }
      CHECK(escaped("a" + std::string(mark) + "b") == "a" + spelled + "b");
      CHECK(single_line(mark) == spelled);
      CHECK(quoted(mark) == "'" + spelled + "'");
    }
    for (const char* plain : {"\xD8\x9B", "\xD8\x9D", "\xE2\x80\x8D", "\xE2\x80\x90", "\xE2\x80\xA7",
                              "\xE2\x80\xAF", "\xE2\x81\xA5", "\xE2\x81\xAA", "\xE2\x82\xA8"})
      CHECK(escaped(plain) == plain);
  }

  TEST_CASE("bytes that are no UTF-8 are escaped one by one") {
    CHECK(escaped("\xFF\x80x") == "\\xFF\\x80x");
    CHECK(escaped("\xC3") == "\\xC3");
    CHECK(escaped("\xE2\x82") == "\\xE2\\x82");
    CHECK(escaped("\xC0\xAF") == "\\xC0\\xAF");
  }

  TEST_CASE("is_utf8 refuses overlong forms, surrogates and what lies above U+10FFFF") {
    CHECK(is_utf8(""));
    CHECK(is_utf8("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF"));
    for (const char* bad : {"\x80", "\xC1\x81", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "a\xE2\x28\xA1"}) {
      CAPTURE(escaped(bad));
      CHECK_FALSE(is_utf8(bad));
    }
  }

  TEST_CASE("split gives one part more than there are separators") {
    CHECK(split("", ',') == std::vector<std::string_view>{""});
    CHECK(split("1h", ',') == std::vector<std::string_view>{"1h"});
    CHECK(split("a,,b,", ',') == std::vector<std::string_view>{"a", "", "b", ""});
  }

  TEST_CASE("trimmed takes blanks and TABs only") {
    CHECK(trimmed(" \t a b\t ") == "a b");
    CHECK(trimmed("\n x") == "\n x");
    CHECK(trimmed(" \t").empty());
  }

  TEST_CASE("parse_unsigned takes whole numbers that fit") {
    CHECK(parse_unsigned("0") == 0U);
    CHECK(parse_unsigned("18446744073709551615") == 18446744073709551615U);
    for (const char* bad : {"", "-1", "+1", " 1", "1 ", "1x", "18446744073709551616"}) {
      CAPTURE(bad);
      CHECK_FALSE(parse_unsigned(bad).has_value());
    }
  }

  TEST_CASE("cat joins texts, characters and whole numbers") {
    CHECK(cat("a", 1, 'b', std::string("c"), -2, std::uint64_t{1} << 63) == "a1bc-29223372036854775808");
  }
}
