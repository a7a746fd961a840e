#include <limits>

#include <recentd/bandwidth.hpp>

#include "base/text.hpp"

namespace recentd {

namespace {

constexpr int k_day_minutes = 24 * 60;

std::optional<std::uint64_t> parse_rate(std::string_view text) {
  if (text == "unlimited") return 0;
  if (text.empty()) return std::nullopt;
  std::uint64_t unit = 1;
  switch (text.back()) {
    case 'K':
      unit = std::uint64_t{1} << 10;
      break;
    case 'M':
      unit = std::uint64_t{1} << 20;
      break;
    case 'G':
      unit = std::uint64_t{1} << 30;
      break;
    default:
      break;
  }
  if (unit != 1) text.remove_suffix(1);
  const auto number = parse_unsigned(text);
  if (!number || *number == 0 || *number > std::numeric_limits<std::uint64_t>::max() / unit)
    return std::nullopt;
  return *number * unit;
}

// HH:MM, 24:00 included.
std::optional<int> parse_time(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = parse_unsigned(text.substr(0, 2)), minutes = parse_unsigned(text.substr(3));
  if (!hours || !minutes || *minutes > 59) return std::nullopt;
  const int at = static_cast<int>(*hours * 60 + *minutes);
  return at <= k_day_minutes ? std::optional(at) : std::nullopt;
}

}  // namespace

std::optional<Bandwidth> Bandwidth::parse(std::string_view text) {
  Bandwidth plan;
  plan.text_ = std::string(trimmed(text));
  const auto parts = split(text, ',');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto part = trimmed(parts[i]);
    const bool last = i + 1 == parts.size();
    const bool otherwise = last && part.starts_with("else ");
    if (otherwise) part = trimmed(part.substr(5));
    const auto blank = part.find(' ');
    if (otherwise && blank != std::string_view::npos) return std::nullopt;
    if (blank == std::string_view::npos) {
      const auto rate = parse_rate(part);
      if (!rate || !last) return std::nullopt;
      plan.otherwise_ = *rate;
      continue;
    }
    const auto span = part.substr(0, blank);
    const auto dash = span.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto from = parse_time(span.substr(0, dash)), until = parse_time(span.substr(dash + 1));
    const auto rate = parse_rate(trimmed(part.substr(blank)));
    if (!from || !until || !rate || *from == *until) return std::nullopt;
    plan.windows_.push_back({*from, *until, *rate});
  }
  return plan;
}

std::uint64_t Bandwidth::at(int minute_of_day) const noexcept {
  for (const auto& window : windows_) {
    const bool after = minute_of_day >= window.from, before = minute_of_day < window.until;
    if (window.from < window.until ? after && before : after || before) return window.rate;
  }
  return otherwise_;
}

}  // namespace recentd
