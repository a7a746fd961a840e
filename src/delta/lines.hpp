#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/text.hpp"

namespace recentd::delta {

// What the readers of this folder's files share. Both are strict: one spelling for each thing.

// The text up to the next LF, which goes from the front of `rest` with it; nothing if there is none nearby.
inline std::optional<std::string_view> take_line(std::string_view& rest) {
  constexpr std::size_t k_line_max = 256;
  const auto end = rest.substr(0, k_line_max).find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

// Digits without leading zeros, of no more than a file may have bytes.
inline std::optional<std::uint64_t> plain_number(std::string_view text) {
  constexpr std::size_t k_digits_max = 15;
  if (text.empty() || text.size() > k_digits_max || (text.front() == '0' && text.size() > 1))
    return std::nullopt;
  return parse_unsigned(text);
}

}  // namespace recentd::delta
