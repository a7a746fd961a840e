#include <limits>

#include <doctest/doctest.h>

#include <recentd/error.hpp>
#include <recentd/interval.hpp>

using recentd::Interval;

namespace {

std::string specs(const std::vector<Interval>& levels) {
  std::string out;
  for (const Interval& level : levels) out += level.spec() + " ";
  return out;
}

}  // namespace

TEST_SUITE("model::interval") {
  TEST_CASE("each letter has its length") {
    const std::vector<std::pair<const char*, std::int64_t>> lengths = {
        {"1s", 1},
        {"2m", 120},
        {"6h", 21600},
        {"1d", 86400},
        {"1W", 604800},
        {"1M", 2592000},
        {"1Q", 7776000},
        {"1Y", 31557600},
        {"0s", 0},
        {"01h", 3600},
        {"100000Y", 3155760000000},
        {"Z", std::numeric_limits<std::int64_t>::max()}};
    for (const auto& [spec, seconds] : lengths) {
      CAPTURE(spec);
      REQUIRE(Interval::parse(spec).has_value());
      CHECK(Interval::parse(spec)->seconds() == seconds);
      CHECK(Interval::parse(spec)->spec() == spec);
    }
    CHECK(Interval::parse("Z")->is_z());
  }

  TEST_CASE("anything else is refused") {
    for (const char* spec : {"", "h", "5Z", "1.5h", "-1h", "+1h", "1x", "1w", "1H", "1h\n", " 1h", "1hh", "1",
                             "9223372036854775807m", "99999999999999999999s"}) {
      CAPTURE(spec);
      CHECK_FALSE(Interval::parse(spec).has_value());
    }
  }

  TEST_CASE("levels ascend from the principal") {
    CHECK(specs(recentd::level_order(*Interval::parse("1h"), {"Z", "1d", "6h"})) == "1h 6h 1d Z ");
    CHECK(specs(recentd::level_order(*Interval::parse("1h"), {})) == "1h ");
  }

  TEST_CASE("doubled, short and equally long levels are left out with a remark") {
    std::vector<std::string> remarks;
    const auto levels =
        recentd::level_order(*Interval::parse("1h"), {"1h", "30m", "1d", "24h", "1d", "60m", "Z"}, &remarks);
    CHECK(specs(levels) == "1h 1d Z ");
    REQUIRE(remarks.size() == 5);
    CHECK(remarks[1].find("30m") != std::string::npos);
  }

  TEST_CASE("an invalid spec in the aggregator is an error that names it") {
    CHECK_THROWS_WITH_AS(recentd::level_order(*Interval::parse("1h"), {"6h", "1x"}), doctest::Contains("1x"),
                         recentd::Error);
  }
}
