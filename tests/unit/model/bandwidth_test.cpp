#include <doctest/doctest.h>

#include <recentd/bandwidth.hpp>

using recentd::Bandwidth;

namespace {

std::uint64_t at(const char* plan, int hour, int minute = 0) {
  const auto parsed = Bandwidth::parse(plan);
  REQUIRE(parsed);
  return parsed->at(hour * 60 + minute);
}

constexpr std::uint64_t k_mega = 1 << 20;

}  // namespace

TEST_SUITE("model::bandwidth") {
  TEST_CASE("without a plan there is no limit") {
    CHECK(Bandwidth().at(0) == 0);
    CHECK(Bandwidth().text() == "unlimited");
    CHECK(at("unlimited", 12) == 0);
  }

  TEST_CASE("one rate holds all day, in bytes or powers of 1024") {
    CHECK(at("5M", 0) == 5 * k_mega);
    CHECK(at("5M", 23, 59) == 5 * k_mega);
    CHECK(at("700", 3) == 700);
    CHECK(at("64K", 3) == 65536);
    CHECK(at("2G", 3) == 2048 * k_mega);
  }

  TEST_CASE("a window holds from its first minute to the one before its end") {
    const char* const plan = "08:00-20:00 5M, else unlimited";
    CHECK(at(plan, 7, 59) == 0);
    CHECK(at(plan, 8) == 5 * k_mega);
    CHECK(at(plan, 19, 59) == 5 * k_mega);
    CHECK(at(plan, 20) == 0);
  }

  TEST_CASE("a window may run over midnight, and the first that holds counts") {
    const char* const plan = "22:00-06:00 9M, 05:00-12:00 3M, else 1M";
    CHECK(at(plan, 23) == 9 * k_mega);
    CHECK(at(plan, 5, 30) == 9 * k_mega);
    CHECK(at(plan, 6) == 3 * k_mega);
    CHECK(at(plan, 12) == 1 * k_mega);
    CHECK(at("00:00-24:00 9M", 23, 59) == 9 * k_mega);
  }

  TEST_CASE("what is no plan is refused") {
    for (const char* const text :
         {"", "5X", "0", "-1", "08:00 5M", "8:00-20:00 5M", "08:00-25:00 5M", "08:60-09:00 5M",
          "08:00-08:00 5M", "08:00-20:00", "5M, 08:00-20:00 1M", "else 5M, 6M", "08:00-20:00 5M,",
          "08:00-09:00 1M, else 20:00-21:00 5M", "99999999999999999999", "18446744073709551615G"}) {
      CAPTURE(text);
      CHECK_FALSE(Bandwidth::parse(text));
    }
  }
}
