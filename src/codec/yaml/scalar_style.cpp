#include "codec/yaml/scalar_style.hpp"

#include <array>
#include <cstring>

#include "base/text.hpp"

namespace recentd::codec {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_space(char c) {
  return is_blank(c) || (c >= '\n' && c <= '\r');
}

std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool equals_lower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

bool is_decimal(std::string_view text) {
  std::size_t at = skip_digits(text, 0);
  std::size_t digits = at;
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = skip_digits(text, at + 1);
    digits += end - at - 1;
    at = end;
  }
  if (digits == 0) return false;
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t end = skip_digits(text, at);
    if (end == at) return false;
    at = end;
  }
  return at == text.size();
}

// The words that other YAML readers take for something else than text.
bool is_word(std::string_view text) {
  if (text.size() == 1) return std::string_view("yYnN~").find(text[0]) != std::string_view::npos;
  static constexpr std::array<std::string_view, 7> k_words = {"null", "true", "false", "yes",
                                                              "no",   "on",   "off"};
  for (const auto word : k_words) {
    if (!equals_lower(text, word)) continue;
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    std::size_t uppers = 0;
    for (const char c : text) uppers += upper(c) ? 1U : 0U;
    return uppers == 0 || uppers == text.size() || (uppers == 1 && upper(text[0]));
  }
  return false;
}

struct Findings {
  bool control = false;  // needs escapes
  bool high = false;     // bytes of 0x80 and above
  bool marks = false;    // ": " or " #"
};

Findings look_through(std::string_view text) {
  Findings found;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      found.high = true;
    } else if (c < 0x20 ? c != '\t' : c == 0x7F) {
      found.control = true;
    } else if (i + 1 < text.size() &&
               ((c == ':' && text[i + 1] == ' ') || (c == ' ' && text[i + 1] == '#'))) {
      found.marks = true;
    }
  }
  return found;
}

bool starts_specially(std::string_view text) {
  if (std::string_view("!&*|>{}[]%@`'\"#^:").find(text[0]) != std::string_view::npos) return true;
  if (text[0] != '-' && text[0] != '?' && text[0] != ',') return false;
  return text.size() == 1 || text[1] == ' ';
}

// The letter of a one-letter escape, 0 if the byte has none.
char escape_letter(unsigned char c) {
  switch (c) {
    case 0:
      return '0';
    case 7:
      return 'a';
    case 8:
      return 'b';
    case 9:
      return 't';
    case 10:
      return 'n';
    case 11:
      return 'v';
    case 12:
      return 'f';
    case 13:
      return 'r';
    case 27:
      return 'e';
    case '"':
      return '"';
    case '\\':
      return '\\';
    default:
      return 0;
  }
}

char* put_double(char* out, std::string_view text) {
  static constexpr std::string_view k_hex = "0123456789ABCDEF";
  *out++ = '"';
  for (const char byte : text) {
    const auto c = static_cast<unsigned char>(byte);
    if (const char letter = escape_letter(c)) {
      *out++ = '\\';
      *out++ = letter;
    } else if (c < 0x20 || c > 0x7E) {
      *out++ = '\\';
      *out++ = 'x';
      *out++ = k_hex[c >> 4];
      *out++ = k_hex[c & 15];
    } else {
      *out++ = byte;
    }
  }
  *out++ = '"';
  return out;
}

char* put_single(char* out, std::string_view text) {
  *out++ = '\'';
  for (const char c : text) {
    if (c == '\'') *out++ = '\'';
    *out++ = c;
  }
  *out++ = '\'';
  return out;
}

}  // namespace

bool looks_like_number(std::string_view text) noexcept {
  text = without_spaces(text);
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return is_decimal(text) || equals_lower(text, "inf") || equals_lower(text, "infinity") ||
         equals_lower(text, "nan");
}

ScalarStyle style_of_number(std::string_view text) noexcept {
  if (text.size() > 9) return ScalarStyle::single_quoted;
  if (text == "0") return ScalarStyle::plain;
  if (text[0] == '-') text.remove_prefix(1);
  if (text.empty() || text[0] == '0') return ScalarStyle::single_quoted;
  return skip_digits(text, 1) == text.size() ? ScalarStyle::plain : ScalarStyle::single_quoted;
}

ScalarStyle style_of_value(std::string_view text) noexcept {
  if (text.empty()) return ScalarStyle::single_quoted;
  const Findings found = look_through(text);
  if (found.control || is_blank(text[0]) || text.substr(0, 2) == "- ") return ScalarStyle::double_quoted;
  if (looks_like_number(text)) return style_of_number(text);
  if (is_word(text)) return ScalarStyle::single_quoted;
  if (found.high && !is_utf8(text)) return ScalarStyle::double_quoted;
  if (found.marks || is_blank(text.back()) || text.back() == ':' || starts_specially(text)) {
    return ScalarStyle::double_quoted;
  }
  if (text[0] == '~' && text.size() > 1 && static_cast<unsigned char>(text[1]) >= 0x80) {
    return ScalarStyle::single_quoted;
  }
  return ScalarStyle::plain;
}

ScalarStyle style_of_key(std::string_view text) noexcept {
  const ScalarStyle style = style_of_value(text);
  return style == ScalarStyle::single_quoted ? ScalarStyle::double_quoted : style;
}

char* put_scalar(char* out, std::string_view text, ScalarStyle style) noexcept {
  if (style == ScalarStyle::double_quoted) return put_double(out, text);
  if (style == ScalarStyle::single_quoted) return put_single(out, text);
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

}  // namespace recentd::codec
