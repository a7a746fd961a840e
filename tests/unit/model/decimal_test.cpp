#include "model/decimal.hpp"

#include <doctest/doctest.h>

using namespace recentd::model;

namespace {

DecimalParts parts(const char* text) {
  return DecimalParts::parse(text).value();
}

BigInt big(const char* text) {
  return BigInt::floor_scaled(parts(text), 0);
}

}  // namespace

TEST_SUITE("model::decimal") {
  TEST_CASE("numbers are taken apart without their needless zeros") {
    const auto number = parts("-0012.50");
    CHECK(number.negative);
    CHECK(number.size() >= 3);
    CHECK(number.digit(0) == '1');
    CHECK(number.digit(2) == '5');
    CHECK(number.digit(99) == '0');
    CHECK(number.scale == 2);
    CHECK(parts("0.005").scale == -2);
    CHECK(parts("5e3").scale == 4);
    for (const char* zero : {"0", "0.000", "-0"}) CHECK(parts(zero).is_zero());
    for (const char* none : {"", "-", ".", "1.2.3", "1e", "0x1", " 1"})
      CHECK_FALSE(DecimalParts::parse(none));
  }

  TEST_CASE("order is by exact value, however it is spelled") {
    const char* const ascending[] = {"-10", "-9.5", "0",  "0.0001", "1", "1.00000000000000000001",
                                     "9e1", "1e2",  "101"};
    for (std::size_t i = 0; i < std::size(ascending); ++i)
      for (std::size_t j = 0; j < std::size(ascending); ++j) {
        CAPTURE(ascending[i]);
        CAPTURE(ascending[j]);
        CHECK(compare(parts(ascending[i]), parts(ascending[j])) == (i <=> j));
      }
    CHECK(compare(parts("1e2"), parts("100.000")) == std::strong_ordering::equal);
    CHECK(compare(parts("-0"), parts("0")) == std::strong_ordering::equal);
  }

  TEST_CASE("whole numbers of any length add, subtract and divide") {
    const auto nines = big("99999999999999999999999");
    CHECK(nines.plus(BigInt(1)).text(0) == "100000000000000000000000");
    CHECK(BigInt(1).minus(nines).text(0) == "-99999999999999999999998");
    CHECK(BigInt(5).minus(BigInt(5)).text(0) == "0");
    CHECK_FALSE(BigInt(5).minus(BigInt(5)).negative());
    const auto [quotient, remainder] = nines.divided_by(7);
    CHECK(quotient.text(0) == "14285714285714285714285");
    CHECK(remainder == 4);
    CHECK(big("-3").compare(BigInt(2)) == std::strong_ordering::less);
  }

  TEST_CASE("scaling rounds down or up, also below zero, and text puts the dot back") {
    CHECK(BigInt::floor_scaled(parts("1.25"), 1).text(0) == "12");
    CHECK(BigInt::ceil_scaled(parts("1.25"), 1).text(0) == "13");
    CHECK(BigInt::floor_scaled(parts("-1.25"), 1).text(0) == "-13");
    CHECK(BigInt::ceil_scaled(parts("-1.25"), 1).text(0) == "-12");
    CHECK(BigInt::floor_scaled(parts("1.25"), 4).text(4) == "1.25");
    CHECK(BigInt(5).text(3) == "0.005");
    CHECK(BigInt(5000).text(3) == "5");
  }
}
