#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace recentd {

// All arguments streamed into one string.
template <class... Args>
std::string cat(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return std::move(out).str();
}

// For messages and logs: control bytes (also C1 as UTF-8), 0x7F, backslash and bytes that are no valid UTF-8
// as \xHH.
std::string escaped(std::string_view bytes);
// As escaped(), but backslashes stay: for text that holds escaped names already.
std::string single_line(std::string_view bytes);
// As escaped(), in single quotes.
std::string quoted(std::string_view bytes);
// True if the bytes are valid UTF-8 (no surrogates, nothing overlong).
bool is_utf8(std::string_view bytes) noexcept;
// Parts between separators; always at least one.
std::vector<std::string_view> split(std::string_view text, char separator);
// Without blanks and TABs at both ends.
std::string_view trimmed(std::string_view text) noexcept;
// Whole text as a non-negative number, or nothing (also if it does not fit).
std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept;

}  // namespace recentd
