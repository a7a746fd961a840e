#include "base/text.hpp"

#include <charconv>

namespace recentd {

namespace {

enum class Backslash { keep, escape };

unsigned char byte_at(std::string_view text, std::size_t i) noexcept {
  return static_cast<unsigned char>(text[i]);
}

// Length of the UTF-8 character at `at`; 0 if there is none.
std::size_t character_length(std::string_view text, std::size_t at) noexcept {
  const unsigned char lead = byte_at(text, at);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() - at < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, at + i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte_at(text, at + 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool surrogate = lead == 0xED && second > 0x9F;
  const bool too_large = lead == 0xF4 && second > 0x8F;
  return overlong || surrogate || too_large ? 0 : length;
}

// U+200E and U+200F, U+202A to U+202E, U+2066 to U+2069, U+061C: a name must not turn round the words beside
// it. U+2028 and U+2029 end lines where one looks at them.
bool changes_direction_or_line(std::string_view character) noexcept {
  if (character == "\xD8\x9C") return true;
  if (character.size() != 3) return false;
  const std::string_view block = character.substr(0, 2);
  const unsigned char last = byte_at(character, 2);
  if (block == "\xE2\x80") return last == 0x8E || last == 0x8F || (last >= 0xA8 && last <= 0xAE);
  return block == "\xE2\x81" && last >= 0xA6 && last <= 0xA9;
}

bool is_printable(std::string_view text, std::size_t at, std::size_t length) noexcept {
  const unsigned char lead = byte_at(text, at);
  if (length == 1) return lead >= 0x20 && lead != 0x7F;
  const bool c1_control = lead == 0xC2 && byte_at(text, at + 1) < 0xA0;
  return length != 0 && !c1_control && !changes_direction_or_line(text.substr(at, length));
}

void append_hex(std::string& out, unsigned char byte) {
  constexpr char k_digits[] = "0123456789ABCDEF";
  out += "\\x";
  out += k_digits[byte >> 4];
  out += k_digits[byte & 15];
}

std::string escape(std::string_view bytes, Backslash backslash) {
  std::string out;
  out.reserve(bytes.size());
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t length = character_length(bytes, at);
    const bool keeps = is_printable(bytes, at, length) && (bytes[at] != '\\' || backslash == Backslash::keep);
    const std::size_t step = length == 0 ? 1 : length;
    if (keeps) {
      out.append(bytes.substr(at, step));
    } else {
      for (std::size_t i = 0; i < step; ++i) append_hex(out, byte_at(bytes, at + i));
    }
    at += step;
  }
  return out;
}

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

}  // namespace

std::string join(std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  std::string result;
  result.reserve(size);
  for (const auto piece : pieces) result += piece;
  return result;
}

std::string escaped(std::string_view bytes) {
  return escape(bytes, Backslash::escape);
}

std::string single_line(std::string_view bytes) {
  return escape(bytes, Backslash::keep);
}

std::string quoted(std::string_view bytes) {
  return "'" + escaped(bytes) + "'";
}

bool is_utf8(std::string_view bytes) noexcept {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t length = character_length(bytes, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator, start)) {
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  parts.push_back(text.substr(start));
  return parts;
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  if (text.empty() || failure != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace recentd
