#include "codec/perl_text.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace recentd::codec;

TEST_SUITE("codec::perl_text") {
  TEST_CASE("characters are bytes while all fit into one, else all of them are UTF-8") {
    CHECK(bytes_of_characters(U"caf\u00e9") == "caf\xE9");
    CHECK(bytes_of_characters(U"caf\u00e9\u20ac") == "caf\xC3\xA9\xE2\x82\xAC");
    CHECK(bytes_of_characters(U"").empty());
  }

  TEST_CASE("UTF-8 is taken down to bytes only where that loses nothing") {
    CHECK(downgraded("caf\xC3\xA9") == "caf\xE9");
    CHECK(downgraded("\xC3\xBF") == "\xFF");
    CHECK_FALSE(downgraded("plain"));
    CHECK_FALSE(downgraded(""));
    CHECK_FALSE(downgraded("\xC4\x80"));  // U+0100
    CHECK_FALSE(downgraded("\xC3\xA9\xE2\x82\xAC"));
    CHECK_FALSE(downgraded("\xE9"));  // no UTF-8
    CHECK_FALSE(downgraded("a\xC3"));
  }

  TEST_CASE("numbers have 15 digits, and Perl's words for what is none") {
    CHECK(perl_number(5) == "5");
    CHECK(perl_number(0.1) == "0.1");
    CHECK(perl_number(1700000000.12345678) == "1700000000.12346");
    CHECK(perl_number(1e20) == "1e+20");
    CHECK(perl_number(std::numeric_limits<double>::infinity()) == "Inf");
    CHECK(perl_number(-std::numeric_limits<double>::infinity()) == "-Inf");
    CHECK(perl_number(std::numeric_limits<double>::quiet_NaN()) == "NaN");
  }
}
