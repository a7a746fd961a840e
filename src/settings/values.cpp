#include "settings/values.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "base/utc.hpp"

namespace recentd::settings {

namespace {

// So many times a plain decimal of seconds; nothing for other text, and for more than the limit.
std::optional<std::chrono::nanoseconds> times_seconds(std::int64_t factor, std::string_view text,
                                                      std::int64_t limit_s) {
  const auto number = is_plain_decimal(text) ? EpochView::parse(text) : std::nullopt;
  if (!number || number->key.seconds > limit_s / factor) return std::nullopt;
  constexpr std::uint64_t k_per_nanosecond = 2'000'000'000;  // a key counts half attoseconds
  const auto fraction = static_cast<std::int64_t>(number->key.fraction / k_per_nanosecond);
  return std::chrono::seconds(number->key.seconds * factor) + std::chrono::nanoseconds(fraction * factor);
}

}  // namespace

std::chrono::nanoseconds parse_seconds(std::string_view name, std::string_view text) {
  constexpr std::int64_t k_limit_s = 1'000'000'000;
  if (const auto seconds = times_seconds(1, text, k_limit_s)) return *seconds;
  throw Error(Kind::usage, cat(name, " ", quoted(text), " is no number of seconds"));
}

std::chrono::nanoseconds parse_duration(std::string_view name, std::string_view text) {
  constexpr std::pair<char, std::int64_t> k_units[] = {
      {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
  constexpr std::int64_t k_limit_s = 36'525LL * 86'400;
  const auto* unit = std::find_if(std::begin(k_units), std::end(k_units),
                                  [&](const auto& each) { return text.ends_with(each.first); });
  const bool has_unit = unit != std::end(k_units);
  const auto digits = has_unit ? text.substr(0, text.size() - 1) : text;
  if (const auto time = times_seconds(has_unit ? unit->second : 1, digits, k_limit_s)) return *time;
  throw Error(Kind::usage,
              cat(name, " ", quoted(text), " is no time; write it like 90s, 30m, 12h, 7d or 4w"));
}

std::int64_t parse_number(std::string_view name, std::string_view text, std::int64_t min, std::int64_t max) {
  const bool negative = text.starts_with('-');
  const auto digits = parse_unsigned(negative ? text.substr(1) : text);
  constexpr std::uint64_t k_limit = std::numeric_limits<std::int64_t>::max();
  const auto number = static_cast<std::int64_t>(std::min(digits.value_or(0), k_limit)) * (negative ? -1 : 1);
  if (!digits || *digits > k_limit || number < min || number > max) {
    const auto bound = max == std::numeric_limits<std::int64_t>::max() ? " up" : cat(" to ", max);
    throw Error(Kind::usage, cat(name, " ", quoted(text), " is no whole number from ", min, bound));
  }
  return number;
}

Epoch parse_epoch(std::string_view name, std::string_view text) {
  auto epoch = is_plain_decimal(text) ? Epoch::parse(text) : std::nullopt;
  if (!epoch) {
    throw Error(Kind::usage,
                cat(name, " ", quoted(text), " is no epoch: digits, or digits.digits, are needed"));
  }
  return *std::move(epoch);
}

Epoch parse_moment(std::string_view name, std::string_view text, TimePoint now) {
  if (is_plain_decimal(text)) return parse_epoch(name, text);
  try {
    if (const auto time = parse_utc(text)) return Epoch::from_time(*time);
    return Epoch::from_time(now - parse_duration(name, text));
  } catch (const Error&) {
    throw Error(Kind::usage, cat(name, " ", quoted(text),
                                 " is no time; write seconds since 1970, 2026-11-29T10:15 (UTC, or with an "
                                 "offset like +01:00), or 12h for 12 hours ago"));
  }
}

bool parse_switch(std::string_view name, std::string_view text) {
  for (const std::string_view yes : {"true", "yes", "on"})
    if (text == yes) return true;
  for (const std::string_view no : {"false", "no", "off"})
    if (text == no) return false;
  throw Error(Kind::usage, cat(name, " ", quoted(text), " is neither true nor false"));
}

Fsync parse_fsync(std::string_view name, std::string_view text) {
  const auto fsync = recentd::parse_fsync(text);
  if (!fsync) throw Error(Kind::usage, cat(name, " ", quoted(text), " is none of full, data, none"));
  return *fsync;
}

JsonPaths parse_json_paths(std::string_view name, std::string_view text) {
  if (text == "bytes") return JsonPaths::bytes;
  if (text == "utf8") return JsonPaths::utf8;
  throw Error(Kind::usage, cat(name, " ", quoted(text), " is neither bytes nor utf8"));
}

std::vector<std::string> parse_list(std::string_view text) {
  std::vector<std::string> words;
  for (const auto word : split(text, ',')) words.emplace_back(trimmed(word));
  return words;
}

std::uint64_t parse_size(std::string_view name, std::string_view text) {
  constexpr std::string_view k_units = "KMG";
  const auto unit = text.empty() ? std::string_view::npos : k_units.find(text.back());
  const unsigned shift = unit == std::string_view::npos ? 0 : 10 * (static_cast<unsigned>(unit) + 1);
  const auto number = parse_unsigned(shift == 0 ? text : text.substr(0, text.size() - 1));
  if (!number || *number == 0 || *number > (std::numeric_limits<std::uint64_t>::max() >> shift))
    throw Error(Kind::usage,
                cat(name, " ", quoted(text), " is no size; write bytes, or like 700K, 5M or 2G"));
  return *number << shift;
}

std::string seconds_text(std::chrono::nanoseconds duration) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(duration);
  auto text = std::to_string(whole.count());
  const auto rest = (duration - whole).count();
  if (rest == 0) return text;
  auto digits = std::to_string(1'000'000'000 + rest);
  digits.erase(digits.find_last_not_of('0') + 1);
  return text + "." + digits.substr(1);
}

DeleteLimit parse_delete_limit(std::string_view name, std::string_view text) {
  const auto limit = DeleteLimit::parse(text);
  if (limit) return *limit;
  throw Error(Kind::usage, cat(name, " ", quoted(text),
                               " is no limit; give a number of files, a share of the tree like 10%, both as "
                               "1000,10%, or none"));
}

std::string parse_allowed_suffix(std::string_view name, std::string_view text) {
  if (text == ".sto" || text == ".dd") return std::string(text);
  throw Error(Kind::usage, cat(name, " ", quoted(text), " is neither .sto nor .dd"));
}

ModeRules parse_chmod(std::string_view name, std::string_view text) {
  if (const auto rules = ModeRules::parse(text)) return *rules;
  throw Error(
      Kind::usage,
      cat(name, " ", quoted(text),
          " is no list of rules like Fa+r,Da+rx: an F or D or neither, then u, g, o, a, one of + - =, and "
          "r, w, x, X, or three octal digits"));
}

Record parse_record(std::string_view name, std::string_view text) {
  if (const auto record = Record::parse(text)) return *record;
  throw Error(Kind::usage, cat(name, " ", quoted(text), " is no list of size, mtime, digest and link"));
}

}  // namespace recentd::settings
