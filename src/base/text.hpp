#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd {

// One argument of cat(): a text, a character, or a whole number in decimal. Views its text, which must
// outlive it.
class Piece {
 public:
  Piece(const char* text) noexcept : view_(text) {}               // NOLINT(google-explicit-constructor)
  Piece(const std::string& text) noexcept : view_(text) {}        // NOLINT(google-explicit-constructor)
  Piece(std::string_view text) noexcept : view_(text) {}          // NOLINT(google-explicit-constructor)
  Piece(char c) noexcept : view_(digits_, 1) { digits_[0] = c; }  // NOLINT(google-explicit-constructor)
  template <std::integral T>
  Piece(T number) noexcept {  // NOLINT(google-explicit-constructor)
    const auto end = std::to_chars(digits_, digits_ + sizeof digits_, number).ptr;
    view_ = {digits_, static_cast<std::size_t>(end - digits_)};
  }
  template <std::floating_point T>
  Piece(T) = delete;  // how many digits? say it with a text
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;

  [[nodiscard]] std::string_view view() const noexcept { return view_; }

 private:
  char digits_[24];
  std::string_view view_;
};

// All pieces in one string.
std::string join(std::initializer_list<std::string_view> pieces);
template <class... Args>
std::string cat(const Args&... args) {
  return join({Piece(args).view()...});
}

// For messages and logs: control bytes (also U+0080 to U+009F), 0x7F, backslash, marks that turn a line round
// or end it, as U+202E and U+2028 do, and bytes that are no valid UTF-8 as \xHH.
std::string escaped(std::string_view bytes);
// As escaped(), but backslashes stay: for text that holds escaped names already.
std::string single_line(std::string_view bytes);
// As escaped(), in single quotes. The overloads win over std::quoted, which argument-dependent lookup would
// find.
std::string quoted(std::string_view bytes);
inline std::string quoted(const std::string& bytes) {
  return quoted(std::string_view(bytes));
}
inline std::string quoted(std::string& bytes) {
  return quoted(std::string_view(bytes));
}
inline std::string quoted(const char* bytes) {
  return quoted(std::string_view(bytes));
}
// True if the bytes are valid UTF-8 (no surrogates, nothing overlong).
bool is_utf8(std::string_view bytes) noexcept;
// Parts between separators; always at least one.
std::vector<std::string_view> split(std::string_view text, char separator);
// Without blanks and TABs at both ends.
std::string_view trimmed(std::string_view text) noexcept;
// Whole text as a non-negative number, or nothing (also if it does not fit).
std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept;

}  // namespace recentd
