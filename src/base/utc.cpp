#include "base/utc.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "base/text.hpp"

namespace recentd {
namespace {

using namespace std::chrono;

// Takes `digits` digits from the front; nothing if they are not there.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  const auto value = text.size() < digits ? std::nullopt : parse_unsigned(text.substr(0, digits));
  if (!value) return {};
  text.remove_prefix(digits);
  return static_cast<int>(*value);
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<sys_days> take_date(std::string_view& text) {
  const auto year_number = take_digits(text, 4);
  if (!year_number || !take(text, '-')) return {};
  const auto month_number = take_digits(text, 2);
  if (!month_number || !take(text, '-')) return {};
  const auto day_number = take_digits(text, 2);
  if (!day_number) return {};
  const year_month_day date{year(*year_number), month(static_cast<unsigned>(*month_number)),
                            day(static_cast<unsigned>(*day_number))};
  return date.ok() ? std::optional(sys_days(date)) : std::nullopt;
}

// The part behind "seconds.": up to six digits count.
std::optional<microseconds> take_fraction(std::string_view& text) {
  std::int64_t value = 0;
  int digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits)
    if (digits < 6) value = value * 10 + (text.front() - '0');
  if (digits == 0) return {};
  for (; digits < 6; ++digits) value *= 10;
  return microseconds(value);
}

std::optional<microseconds> take_time_of_day(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return {};
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return {};
  microseconds time = hours(*hour) + minutes(*minute);
  if (!take(text, ':')) return time;
  const auto second = take_digits(text, 2);
  if (!second || *second > 59) return {};
  time += seconds(*second);
  if (!take(text, '.')) return time;
  const auto fraction = take_fraction(text);
  return fraction ? std::optional(time + *fraction) : std::nullopt;
}

// "Z", nothing, or what is to be taken off for UTC: "+01:00", "-03:30".
std::optional<minutes> take_offset(std::string_view& text) {
  if (text.empty() || text == "Z") return text = {}, minutes(0);
  const int sign = text.front() == '-' ? -1 : 1;
  if (!take(text, '+') && !take(text, '-')) return {};
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return {};
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return {};
  return sign * (hours(*hour) + minutes(*minute));
}

}  // namespace

std::string local_text(Utc time) {
  const std::time_t whole = floor<seconds>(time).time_since_epoch().count();
  std::tm local{};
  constexpr int k_last_year = 9999 - 1900, k_first_year = -1900;
  if (::localtime_r(&whole, &local) == nullptr || local.tm_gmtoff == 0 || local.tm_year > k_last_year ||
      local.tm_year < k_first_year)
    return utc_text(time);
  auto text = utc_text(time + seconds(local.tm_gmtoff));
  const auto offset_min = std::abs(local.tm_gmtoff) / 60;
  char end[16];
  std::snprintf(end, sizeof end, "%c%02ld:%02ld", local.tm_gmtoff < 0 ? '-' : '+', offset_min / 60,
                offset_min % 60);
  return text.replace(text.size() - 1, 1, end);
}

std::string utc_text(Utc time) {
  const auto midnight = floor<days>(time);
  const year_month_day date(midnight);
  const hh_mm_ss<microseconds> clock(time - midnight);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

std::optional<Utc> parse_utc(std::string_view text) {
  const auto date = take_date(text);
  if (!date) return {};
  if (text.empty()) return Utc(*date);
  if (!take(text, 'T') && !take(text, ' ')) return {};
  const auto time = take_time_of_day(text);
  if (!time) return {};
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return {};
  return Utc(*date) + *time - *offset;
}

}  // namespace recentd
