#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

#include <recentd/epoch.hpp>

#include "model/decimal.hpp"

namespace recentd {

namespace {

using model::DecimalParts;
using model::power_of_ten;

constexpr int k_key_digits = 18;

std::uint64_t load8(const char* bytes) noexcept {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

bool eight_digits(std::uint64_t word) noexcept {
  return ((word & 0xF0F0F0F0F0F0F0F0) | (((word + 0x0606060606060606) & 0xF0F0F0F0F0F0F0F0) >> 4)) ==
         0x3333333333333333;
}

// The value of eight ASCII digits in a little-endian word.
std::uint64_t value_of_eight(std::uint64_t word) noexcept {
  word = (word & 0x0F0F0F0F0F0F0F0F) * 2561 >> 8;
  word = (word & 0x00FF00FF00FF00FF) * 6553601 >> 16;
  return (word & 0x0000FFFF0000FFFF) * 42949672960001 >> 32;
}

// The usual form: ten digits, a dot, one to five digits. False for anything else.
bool parse_usual(std::string_view text, EpochKey& key) noexcept {
  if constexpr (std::endian::native != std::endian::little) return false;
  if (text.size() < 12 || text.size() > 16 || text[10] != '.') return false;
  const std::uint64_t head = load8(text.data());
  const int missing = static_cast<int>(16 - text.size());
  std::uint64_t tail = load8(text.data() + text.size() - 8) >> (8 * missing);
  if (missing > 0) tail |= 0x3030303030303030 << (64 - 8 * missing);
  // Squeeze the dot out, which leaves a place for a leading zero.
  tail = (tail & ~std::uint64_t{0xFFFFFF}) | ((tail & 0xFFFF) << 8) | '0';
  if (!eight_digits(head) || !eight_digits(tail)) return false;
  const std::uint64_t low = value_of_eight(tail);
  key.seconds = static_cast<std::int64_t>(value_of_eight(head) * 100 + low / 100000);
  key.fraction = low % 100000 * power_of_ten(k_key_digits - 5) * 2;
  return true;
}

// Digits, optionally a dot and digits, within the key's 18 + 18. False for anything else.
bool parse_plain(std::string_view text, EpochKey& key) noexcept {
  std::size_t i = 0;
  std::uint64_t seconds = 0;
  for (; i < text.size() && static_cast<unsigned char>(text[i] - '0') < 10; ++i) {
    if (i == k_key_digits) return false;
    seconds = seconds * 10 + static_cast<unsigned>(text[i] - '0');
  }
  if (i == 0) return false;
  std::uint64_t fraction = 0;
  int digits = 0;
  if (i < text.size() && text[i] == '.') {
    for (++i; i < text.size() && static_cast<unsigned char>(text[i] - '0') < 10; ++i) {
      if (digits++ == k_key_digits) return false;
      fraction = fraction * 10 + static_cast<unsigned>(text[i] - '0');
    }
  }
  if (i != text.size()) return false;
  key.seconds = static_cast<std::int64_t>(seconds);
  key.fraction = fraction * power_of_ten(k_key_digits - digits) * 2;
  return true;
}

EpochKey key_of(const DecimalParts& parts) noexcept {
  if (parts.is_zero()) return {};
  if (parts.negative) return {std::numeric_limits<std::int64_t>::min(), 0};
  if (parts.scale > k_key_digits) return {std::numeric_limits<std::int64_t>::max(), 0};
  EpochKey key;
  std::size_t i = 0;
  for (std::int64_t place = parts.scale; place > 0; --place)
    key.seconds = key.seconds * 10 + (parts.digit(i++) - '0');
  std::int64_t zeros = std::min<std::int64_t>(std::max<std::int64_t>(-parts.scale, 0), k_key_digits);
  for (int n = 0; n < k_key_digits; ++n) {
    const char c = zeros-- > 0 ? '0' : parts.digit(i++);
    key.fraction = key.fraction * 10 + static_cast<unsigned>(c - '0');
  }
  bool left_over = false;
  for (; i < parts.size() && !left_over; ++i) left_over = parts.digit(i) != '0';
  key.fraction = key.fraction * 2 + (left_over ? 1 : 0);
  return key;
}

// Kept out of line: the usual form must not pay for it.
[[gnu::noinline]] std::optional<EpochView> parse_other(std::string_view text) noexcept {
  EpochView view{{}, text};
  if (parse_plain(text, view.key)) return view;
  const std::optional<DecimalParts> parts = DecimalParts::parse(text);
  if (!parts) return std::nullopt;
  view.key = key_of(*parts);
  return view;
}

// Ten digits, as all seconds between 2001 and 2286 have.
bool is_of_our_time(std::int64_t seconds) noexcept {
  return seconds >= 1'000'000'000 && seconds < 10'000'000'000;
}

// Writes the last `count` digits of a number and returns their end.
char* put_digits(char* at, std::uint64_t number, int count) noexcept {
  for (int i = count; i-- > 0; number /= 10) at[i] = static_cast<char>('0' + number % 10);
  return at + count;
}

}  // namespace

std::optional<EpochView> EpochView::parse(std::string_view text) noexcept {
  EpochKey key;
  if (parse_usual(text, key)) return EpochView{key, text};
  return parse_other(text);
}

std::strong_ordering EpochView::compare_texts(std::string_view a, std::string_view b) noexcept {
  const std::optional<DecimalParts> left = DecimalParts::parse(a), right = DecimalParts::parse(b);
  // Only reached for keys that stand for numbers that parsed.
  return left && right ? model::compare(*left, *right) : a.compare(b) <=> 0;
}

std::optional<Epoch> Epoch::parse(std::string_view text) {
  const std::optional<EpochView> view = EpochView::parse(text);
  if (!view) return std::nullopt;
  return Epoch(*view);
}

Epoch::Epoch(const EpochView& view) : key_(view.key), text_(view.text) {}

Epoch Epoch::from_time(TimePoint time) {
  constexpr std::int64_t k_tick_ns = 10'000;
  const std::int64_t ns = std::max<std::int64_t>(time.time_since_epoch().count(), 0);
  std::int64_t ticks = ns / k_tick_ns;
  const std::int64_t rest = ns % k_tick_ns;
  // Halves go to the even tick, as printf does.
  if (rest > k_tick_ns / 2 || (rest == k_tick_ns / 2 && ticks % 2 == 1)) ++ticks;
  return from_parts(ticks / 100'000, static_cast<std::uint64_t>(ticks % 100'000), 5);
}

Epoch Epoch::from_parts(std::int64_t seconds, std::uint64_t fraction, int digits) {
  Epoch epoch;
  epoch.assign_parts(seconds, fraction, digits);
  return epoch;
}

void Epoch::assign_parts(std::int64_t seconds, std::uint64_t fraction, int digits) {
  const bool usual = seconds >= 0 && seconds < static_cast<std::int64_t>(power_of_ten(k_key_digits));
  key_ = {seconds, fraction * power_of_ten(k_key_digits - digits) * 2};
  char text[48];
  char* end = text;
  if (seconds < 0 && fraction > 0) {
    fraction = power_of_ten(digits) - fraction;
    if (++seconds == 0) *end++ = '-';
  }
  if (is_of_our_time(seconds)) {
    end = put_digits(end, static_cast<std::uint64_t>(seconds), 10);
  } else {
    end = std::to_chars(end, text + sizeof text, seconds).ptr;
  }
  if (fraction > 0) {
    *end++ = '.';
    end = put_digits(end, fraction, digits);
    while (end[-1] == '0') --end;
  }
  if (const auto size = static_cast<std::size_t>(end - text); size == text_.size()) {
    std::memcpy(text_.data(), text, size);
  } else {
    text_.assign(text, size);
  }
  if (!usual) key_ = EpochView::parse(text_)->key;
}

bool is_plain_decimal(std::string_view text) noexcept {
  const std::size_t dot = std::min(text.find('.'), text.size());
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  return digits(text.substr(0, dot)) && (dot == text.size() || digits(text.substr(dot + 1)));
}

double approximate(const EpochView& epoch) noexcept {
  std::string_view text = epoch.text;
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{}) return value;
  // Beyond a double: all we can say is on which side.
  if (epoch.key.seconds == std::numeric_limits<std::int64_t>::max())
    return std::numeric_limits<double>::max();
  return 0;
}

}  // namespace recentd
