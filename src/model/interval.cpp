#include <algorithm>
#include <charconv>
#include <limits>

#include <recentd/error.hpp>
#include <recentd/interval.hpp>

namespace recentd {

namespace {

std::int64_t seconds_of_letter(char letter) {
  switch (letter) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86400;
    case 'W':
      return 7 * 86400;
    case 'M':
      return 30 * 86400;
    case 'Q':
      return 90 * 86400;
    case 'Y':
      return 31557600;  // 365.25 days
    default:
      return 0;
  }
}

Interval parse_or_throw(const std::string& spec) {
  if (auto interval = Interval::parse(spec)) return *interval;
  throw Error(Kind::corrupt, "the aggregator names '" + spec +
                                 "', which is no interval; use digits and one of s m h d W M Q Y, or Z");
}

void remark(std::vector<std::string>* remarks, const Interval& left_out, const std::string& why) {
  if (remarks != nullptr) remarks->push_back("the aggregator's " + left_out.spec() + " is left out: " + why);
}

}  // namespace

std::optional<Interval> Interval::parse(std::string_view spec) {
  if (spec == "Z") return Interval("Z", std::numeric_limits<std::int64_t>::max());
  if (spec.size() < 2 || spec.find_first_not_of("0123456789") != spec.size() - 1) return std::nullopt;
  const std::int64_t unit = seconds_of_letter(spec.back());
  if (unit == 0) return std::nullopt;
  std::int64_t count = 0;
  const auto result = std::from_chars(spec.data(), spec.data() + spec.size() - 1, count);
  std::int64_t seconds = 0;
  if (result.ec != std::errc{} || __builtin_mul_overflow(count, unit, &seconds)) return std::nullopt;
  return Interval(std::string(spec), seconds);
}

std::vector<Interval> level_order(const Interval& principal, const std::vector<std::string>& aggregator,
                                  std::vector<std::string>* remarks) {
  std::vector<Interval> larger;
  for (const std::string& spec : aggregator) {
    Interval interval = parse_or_throw(spec);
    if (interval.seconds() > principal.seconds()) {
      larger.push_back(std::move(interval));
    } else {
      remark(remarks, interval, "it is not longer than the principal's " + principal.spec());
    }
  }
  const auto by_seconds = [](const Interval& a, const Interval& b) { return a.seconds() < b.seconds(); };
  std::stable_sort(larger.begin(), larger.end(), by_seconds);
  std::vector<Interval> levels{principal};
  for (Interval& interval : larger) {
    if (interval.seconds() > levels.back().seconds()) {
      levels.push_back(std::move(interval));
    } else {
      remark(remarks, interval, "it is as long as " + levels.back().spec());
    }
  }
  return levels;
}

}  // namespace recentd
