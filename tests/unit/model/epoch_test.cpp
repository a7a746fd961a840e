#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <recentd/epoch.hpp>

using recentd::Epoch;
using recentd::EpochView;

namespace {

EpochView view(std::string_view text) {
  const auto parsed = EpochView::parse(text);
  REQUIRE_MESSAGE(parsed.has_value(), std::string(text));
  return *parsed;
}

}  // namespace

TEST_SUITE("model::epoch") {
  TEST_CASE("order is by exact value at any length") {
    const std::string long_one = "1795300009." + std::string(3000, '3');
    const std::vector<std::string> ascending = {"-1e30",
                                                "-12",
                                                "-3.5",
                                                "-3",
                                                "-0.0000000000000000000001",
                                                "0",
                                                "1e-40",
                                                "0.5",
                                                "1",
                                                "999999999.5",
                                                "1795300009.33333",
                                                "1795300009.333333333333333333",
                                                "1795300009.3333333333333333331",
                                                long_one,
                                                long_one + "1",
                                                "1795300009.33334",
                                                "1795300009.73334",
                                                "1795300010",
                                                "1.8e9",
                                                "999999999999999999.9",
                                                "1000000000000000000",
                                                "1000000000000000000.1",
                                                "1e999"};
    for (std::size_t i = 0; i < ascending.size(); ++i) {
      for (std::size_t j = 0; j < ascending.size(); ++j) {
        CAPTURE(i);
        CAPTURE(j);
        CHECK((view(ascending[i]) <=> view(ascending[j])) == (i <=> j));
      }
    }
  }

  TEST_CASE("spellings of one value are equal and share a key") {
    const std::vector<std::vector<std::string>> groups = {
        {"1.5", "1.50", "01.5", "+1.5", "15e-1", "0.15e1", "1.5000000000000000000000"},
        {"0", "-0", "0.0", ".0", "0.", "-0.000e7", "000"},
        {"1795300009", "1795300009.", "1795300009.0", "1795300009.00000", "1.795300009e9", "1795300009E0"},
        {"-2.5", "-02.50"},
        {"1000000000000000000", "1e18", "01000000000000000000.0"}};
    for (const auto& group : groups) {
      for (const auto& text : group) {
        CAPTURE(text);
        CHECK(view(text) == view(group.front()));
        CHECK(view(text).key == view(group.front()).key);
      }
    }
  }

  TEST_CASE("digits beyond the key still decide") {
    const auto a = view("1.0000000000000000001"), b = view("1.0000000000000000002");
    CHECK_FALSE(a.key.exact());
    CHECK(a.key == b.key);
    CHECK(a < b);
    CHECK(a > view("1"));
    CHECK(view("1.000000000000000001").key.exact());
  }

  TEST_CASE("what is no number is refused") {
    for (const char* text : {"",
                             "-",
                             "+",
                             ".",
                             "abc",
                             "1a",
                             "1.2.3",
                             "1e",
                             "1e+",
                             "1e1000",
                             " 1",
                             "1 ",
                             "1795300009.7333x",
                             "179530000x.73334",
                             "1795300009,73334",
                             "inf",
                             "NaN",
                             "0x10",
                             "--1",
                             "1_000"}) {
      CAPTURE(text);
      CHECK_FALSE(EpochView::parse(text).has_value());
    }
  }

  TEST_CASE("the usual form gives the same key as its long spelling") {
    for (const char* text :
         {"1795300009.73334", "1795300009.7", "1000000000.00001", "9999999999.99999", "0000000001.10"}) {
      const std::string padded = std::string(text) + "0000000000";
      CHECK(view(text).key == view(padded).key);
    }
    CHECK(view("1795300009.73334").key == recentd::EpochKey{1795300009, 733340000000000000 * 2ULL});
  }

  TEST_CASE("an epoch keeps its text") {
    CHECK(Epoch::parse("01.50")->text() == "01.50");
    CHECK_FALSE(Epoch::parse("1.5x").has_value());
    CHECK(Epoch(view("1e3")).text() == "1e3");
  }

  TEST_CASE("a clock reading is rounded to the nearest tick") {
    const auto at = [](std::int64_t ns) {
      return Epoch::from_time(recentd::TimePoint(std::chrono::nanoseconds(ns))).text();
    };
    CHECK(at(1795300009'733345747) == "1795300009.73335");
    CHECK(at(1795300009'700000048) == "1795300009.7");
    CHECK(at(1795300009'000000954) == "1795300009");
    CHECK(at(1795300009'999995001) == "1795300010");
    CHECK(at(1795300009'000015000) == "1795300009.00002");
    CHECK(at(1795300009'000025000) == "1795300009.00002");
    CHECK(at(-5) == "0");
  }

  TEST_CASE("parts become text without needless zeros") {
    CHECK(Epoch::from_parts(12, 3400, 5).text() == "12.034");
    CHECK(Epoch::from_parts(12, 0, 5).text() == "12");
    CHECK(Epoch::from_parts(0, 1, 18).text() == "0.000000000000000001");
    CHECK(Epoch::from_parts(-1, 5, 1).text() == "-0.5");
    CHECK(Epoch::from_parts(-2, 5, 1).text() == "-1.5");
  }

  TEST_CASE("an exponent is spelled out, and nothing else changes") {
    const std::pair<const char*, const char*> pairs[] = {{"1.79530000973334e+09", "1795300009.73334"},
                                                         {"1.5E3", "1500"},
                                                         {"25e-3", "0.025"},
                                                         {"-1.5e1", "-15"},
                                                         {"1e0", "1"},
                                                         {"0e5", "0"},
                                                         {"1.50", "1.50"},
                                                         {"007", "007"},
                                                         {"+5.", "+5."}};
    for (const auto& [from, to] : pairs) {
      CAPTURE(from);
      CHECK(recentd::spelled_out(view(from)) == to);
      CHECK(view(to) == view(from));
    }
    CHECK(recentd::spelled_out(view("1e999")).size() == 1000);
  }

  TEST_CASE("a plain decimal has digits on both sides of its dot") {
    for (const char* text : {"0", "1795300009", "1.5", "007.10"}) CHECK(recentd::is_plain_decimal(text));
    for (const char* text : {"", ".5", "1.", "-1", "+1", "1e5", "1.2.3", " 1", "abc"}) {
      CAPTURE(text);
      CHECK_FALSE(recentd::is_plain_decimal(text));
    }
  }

  TEST_CASE("the approximate value is the nearest double") {
    CHECK(recentd::approximate(view("1700000000.125")) == 1700000000.125);
    CHECK(recentd::approximate(view("+2e3")) == 2000.0);
    CHECK(recentd::approximate(view("-2.5")) == -2.5);
    CHECK(recentd::approximate(view("1e999")) > 1e300);
  }
}
