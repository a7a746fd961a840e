#include "lib/json/parser.hpp"

#include <doctest/doctest.h>

using namespace recentd;

TEST_SUITE("lib::json::parser") {
  TEST_CASE("numbers are those of JSON's grammar") {
    for (const char* good : {"0", "-0", "1.5", "1e5", "1.25E-10", "123456789012345678901234567890"})
      CHECK(json::is_number(good));
    for (const char* bad : {"", "-", "01", "1.", ".5", "+1", "1e", "0x1", "1 ", "NaN"})
      CHECK_FALSE(json::is_number(bad));
  }
}
