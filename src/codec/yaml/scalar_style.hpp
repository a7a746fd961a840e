#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace recentd::codec {

// How YAML::Syck spells a scalar (recentfile(5), YAML), but for CR and bytes that are no UTF-8, which are
// escaped. Pure functions.

enum class ScalarStyle : std::uint8_t { plain, single_quoted, double_quoted };

ScalarStyle style_of_value(std::string_view text) noexcept;
// Map keys have double quotes where values have single ones.
ScalarStyle style_of_key(std::string_view text) noexcept;
// The style of a text that is known to be a number.
ScalarStyle style_of_number(std::string_view text) noexcept;
// A number in Perl's sense: sign, digits, fraction, exponent, or inf/infinity/nan; blanks at both ends.
bool looks_like_number(std::string_view text) noexcept;

// Bytes that append_scalar() may need for a text of this size.
constexpr std::size_t scalar_bound(std::size_t size) noexcept {
  return size * 4 + 2;
}
// Writes the text in that style and returns the place behind it; the room is scalar_bound() bytes.
char* put_scalar(char* out, std::string_view text, ScalarStyle style) noexcept;

}  // namespace recentd::codec
