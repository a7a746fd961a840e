#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace recentd::model {

inline constexpr std::array<std::uint64_t, 20> k_powers_of_ten = [] {
  std::array<std::uint64_t, 20> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// 10^n, 0 <= n <= 19.
constexpr std::uint64_t power_of_ten(int n) noexcept {
  return k_powers_of_ten[static_cast<std::size_t>(n)];
}

// A decimal number taken apart without copying it: (-1)^negative * 0.D * 10^scale, where D are the digits of
// `whole` and `fraction` from the first that is not zero. Zero has no digits.
struct DecimalParts {
  bool negative = false;
  std::string_view whole;     // without leading zeros
  std::string_view fraction;  // without the leading zeros of a number below 1
  std::int64_t scale = 0;

  // The parts, or nothing if the text is no number (as EpochView::parse).
  static std::optional<DecimalParts> parse(std::string_view text) noexcept;

  [[nodiscard]] bool is_zero() const noexcept { return whole.empty() && fraction.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return whole.size() + fraction.size(); }
  // The digit at place i of D, '0' beyond its end.
  [[nodiscard]] char digit(std::size_t i) const noexcept {
    if (i < whole.size()) return whole[i];
    return i - whole.size() < fraction.size() ? fraction[i - whole.size()] : '0';
  }
};

// By exact value.
std::strong_ordering compare(const DecimalParts& a, const DecimalParts& b) noexcept;

// A whole number of any length and sign, for arithmetic that is rarely needed. Value type.
class BigInt {
 public:
  BigInt() = default;
  explicit BigInt(std::uint64_t value);
  // The number times 10^digits, rounded down or up to a whole one.
  static BigInt floor_scaled(const DecimalParts& number, int digits);
  static BigInt ceil_scaled(const DecimalParts& number, int digits);

  [[nodiscard]] BigInt plus(const BigInt& other) const;
  [[nodiscard]] BigInt minus(const BigInt& other) const;
  // Quotient and remainder of a number that is not negative.
  [[nodiscard]] std::pair<BigInt, std::uint64_t> divided_by(std::uint64_t divisor) const;
  [[nodiscard]] std::strong_ordering compare(const BigInt& other) const noexcept;
  [[nodiscard]] bool negative() const noexcept { return negative_; }
  // The value / 10^digits as text, without needless zeros.
  [[nodiscard]] std::string text(int digits) const;

 private:
  BigInt(std::string digits, bool negative);
  std::string digits_;  // most significant first, no leading zeros; empty for zero
  bool negative_ = false;
};

}  // namespace recentd::model
