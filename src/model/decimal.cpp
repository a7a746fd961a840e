#include "model/decimal.hpp"

#include <algorithm>

namespace recentd::model {

namespace {

bool is_digit(char c) noexcept {
  return static_cast<unsigned char>(c - '0') < 10;
}

std::string_view take_digits(std::string_view& text) noexcept {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

// -1, +1, or 0 without a sign.
int take_sign(std::string_view& text) noexcept {
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  return sign;
}

std::optional<std::int64_t> take_exponent(std::string_view& text) noexcept {
  if (text.empty()) return 0;
  if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
  text.remove_prefix(1);
  const int sign = take_sign(text);
  const std::string_view digits = take_digits(text);
  if (digits.empty() || digits.size() > 3 || !text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return sign < 0 ? -value : value;
}

std::size_t leading_zeros(std::string_view digits) noexcept {
  return std::min(digits.find_first_not_of('0'), digits.size());
}

void strip_leading_zeros(std::string& digits) {
  digits.erase(0, leading_zeros(digits));
}

std::strong_ordering compare_digits(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

std::string add_digits(std::string_view a, std::string_view b) {
  std::string sum(std::max(a.size(), b.size()) + 1, '0');
  int move = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    int digit = move;
    if (i < a.size()) digit += a[a.size() - 1 - i] - '0';
    if (i < b.size()) digit += b[b.size() - 1 - i] - '0';
    sum[sum.size() - 1 - i] = static_cast<char>('0' + digit % 10);
    move = digit / 10;
  }
  return sum;
}

// a - b for a >= b.
std::string subtract_digits(std::string_view a, std::string_view b) {
  std::string rest(a);
  int borrow = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    int digit = rest[rest.size() - 1 - i] - '0' - borrow;
    if (i < b.size()) digit -= b[b.size() - 1 - i] - '0';
    borrow = digit < 0 ? 1 : 0;
    rest[rest.size() - 1 - i] = static_cast<char>('0' + digit + 10 * borrow);
  }
  return rest;
}

}  // namespace

std::optional<DecimalParts> DecimalParts::parse(std::string_view text) noexcept {
  DecimalParts parts;
  parts.negative = take_sign(text) < 0;
  parts.whole = take_digits(text);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    parts.fraction = take_digits(text);
  }
  if (parts.size() == 0) return std::nullopt;
  const std::optional<std::int64_t> exponent = take_exponent(text);
  if (!exponent) return std::nullopt;

  parts.whole.remove_prefix(leading_zeros(parts.whole));
  parts.scale = static_cast<std::int64_t>(parts.whole.size()) + *exponent;
  if (parts.whole.empty()) {
    const std::size_t zeros = leading_zeros(parts.fraction);
    parts.fraction.remove_prefix(zeros);
    parts.scale -= static_cast<std::int64_t>(zeros);
  }
  if (parts.is_zero()) return DecimalParts{};
  return parts;
}

std::strong_ordering compare(const DecimalParts& a, const DecimalParts& b) noexcept {
  const auto sign = [](const DecimalParts& n) { return n.is_zero() ? 0 : n.negative ? -1 : 1; };
  if (sign(a) != sign(b)) return sign(a) <=> sign(b);
  const DecimalParts& smaller_if_less = a.negative ? b : a;
  const DecimalParts& other = a.negative ? a : b;
  if (smaller_if_less.scale != other.scale) return smaller_if_less.scale <=> other.scale;
  const std::size_t n = std::max(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i) {
    if (smaller_if_less.digit(i) != other.digit(i)) return smaller_if_less.digit(i) <=> other.digit(i);
  }
  return std::strong_ordering::equal;
}

BigInt::BigInt(std::uint64_t value) : digits_(value == 0 ? "" : std::to_string(value)) {}

BigInt::BigInt(std::string digits, bool negative) : digits_(std::move(digits)) {
  strip_leading_zeros(digits_);
  negative_ = negative && !digits_.empty();
}

BigInt BigInt::floor_scaled(const DecimalParts& number, int digits) {
  const std::int64_t places = number.is_zero() ? 0 : std::max<std::int64_t>(number.scale + digits, 0);
  std::string text;
  text.reserve(static_cast<std::size_t>(places));
  for (std::int64_t i = 0; i < places; ++i) text += number.digit(static_cast<std::size_t>(i));
  bool rest = false;
  for (std::size_t i = text.size(); i < number.size() && !rest; ++i) rest = number.digit(i) != '0';
  const BigInt cut(std::move(text), number.negative);
  return rest && number.negative ? cut.minus(BigInt(1)) : cut;
}

BigInt BigInt::ceil_scaled(const DecimalParts& number, int digits) {
  DecimalParts mirrored = number;
  mirrored.negative = !number.negative;
  BigInt result = floor_scaled(mirrored, digits);
  result.negative_ = !result.negative_ && !result.digits_.empty();
  return result;
}

BigInt BigInt::plus(const BigInt& other) const {
  if (negative_ == other.negative_) return {add_digits(digits_, other.digits_), negative_};
  if (compare_digits(digits_, other.digits_) >= 0)
    return {subtract_digits(digits_, other.digits_), negative_};
  return {subtract_digits(other.digits_, digits_), other.negative_};
}

BigInt BigInt::minus(const BigInt& other) const {
  return plus(BigInt(other.digits_, !other.negative_));
}

std::pair<BigInt, std::uint64_t> BigInt::divided_by(std::uint64_t divisor) const {
  __extension__ using Wide = unsigned __int128;
  std::string quotient;
  Wide rest = 0;
  for (const char c : digits_) {
    rest = rest * 10 + static_cast<unsigned>(c - '0');
    quotient += static_cast<char>('0' + static_cast<int>(rest / divisor));
    rest %= divisor;
  }
  return {BigInt(std::move(quotient), false), static_cast<std::uint64_t>(rest)};
}

std::strong_ordering BigInt::compare(const BigInt& other) const noexcept {
  if (negative_ != other.negative_)
    return negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  return negative_ ? compare_digits(other.digits_, digits_) : compare_digits(digits_, other.digits_);
}

std::string BigInt::text(int digits) const {
  const auto places = static_cast<std::size_t>(digits);
  std::string padded = digits_;
  if (padded.size() <= places) padded.insert(0, places + 1 - padded.size(), '0');
  std::string fraction = padded.substr(padded.size() - places);
  padded.resize(padded.size() - places);
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return (negative_ ? "-" : "") + padded + (fraction.empty() ? "" : "." + fraction);
}

}  // namespace recentd::model
