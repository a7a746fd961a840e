#include "lib/yaml/scalar.hpp"

#include <cstdint>

#include "base/text.hpp"

namespace recentd::yaml {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// What a one-letter escape stands for; nothing for letters that need more or mean nothing.
std::optional<char32_t> simple_escape(char c) {
  switch (c) {
    case '0':
      return 0;
    case 'a':
      return 7;
    case 'b':
      return 8;
    case 't':
    case '\t':
      return 9;
    case 'n':
      return 10;
    case 'v':
      return 11;
    case 'f':
      return 12;
    case 'r':
      return 13;
    case 'e':
      return 27;
    case ' ':
    case '"':
    case '/':
    case '\\':
      return static_cast<unsigned char>(c);
    case 'N':
      return 0x85;
    case '_':
      return 0xA0;
    case 'L':
      return 0x2028;
    case 'P':
      return 0x2029;
    default:
      return std::nullopt;
  }
}

int hex_digits_of(char c) {
  return c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
}

// LF or CR LF; a CR alone is text.
bool is_break(std::string_view input, std::size_t at) {
  return input[at] == '\n' || input.substr(at, 2) == "\r\n";
}

// Line breaks inside quotes: one folds to a blank, n of them to n - 1; `at` stands on the first break.
std::size_t fold_breaks(std::string_view input, std::size_t at, std::string& out) {
  std::size_t breaks = 0;
  while (at < input.size() && (is_blank(input[at]) || is_break(input, at))) {
    if (is_blank(input[at])) {
      ++at;
    } else {
      at += input[at] == '\n' ? 1 : 2;
      ++breaks;
    }
  }
  if (breaks == 1) {
    out.push_back(' ');
  } else {
    out.append(breaks - 1, '\n');
  }
  return at;
}

class DoubleQuoted {
 public:
  DoubleQuoted(std::string_view input, HighEscapes high) : input_(input), high_(high) {}

  std::optional<Unescaped> decode() {
    for (at_ = 1; at_ < input_.size();) {
      const char c = input_[at_];
      if (c == '"') return finish();
      if (c == '\\') {
        if (!escape()) return std::nullopt;
      } else if (is_break(input_, at_)) {
        break_line();
      } else {
        end_run();
        result_.text.push_back(c);
        ++at_;
      }
    }
    return std::nullopt;
  }

 private:
  std::optional<Unescaped> finish() {
    end_run();
    result_.consumed = at_ + 1;
    return std::move(result_);
  }

  void break_line() {
    end_run();
    auto& text = result_.text;
    while (text.size() > keep_ && is_blank(text.back())) text.pop_back();
    at_ = fold_breaks(input_, at_, text);
    keep_ = text.size();
  }

  bool escape() {
    if (at_ + 1 >= input_.size()) return false;
    const char letter = input_[at_ + 1];
    if (const int digits = hex_digits_of(letter)) return hex_escape(letter, digits);
    end_run();
    if (is_break(input_, at_ + 1)) return join_lines();
    const auto code = simple_escape(letter);
    if (!code) return false;
    append_utf8(result_.text, *code);
    keep_ = result_.text.size();
    at_ += 2;
    return true;
  }

  bool join_lines() {
    at_ += input_.substr(at_ + 1, 2) == "\r\n" ? 3 : 2;
    while (at_ < input_.size() && is_blank(input_[at_])) ++at_;
    keep_ = result_.text.size();
    return true;
  }

  bool hex_escape(char letter, int digits) {
    std::uint64_t code = 0;
    if (at_ + 2 + static_cast<std::size_t>(digits) > input_.size()) return false;
    for (int i = 0; i < digits; ++i) {
      const int value = hex_value(input_[at_ + 2 + static_cast<std::size_t>(i)]);
      if (value < 0) return false;
      code = code * 16 + static_cast<std::uint64_t>(value);
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
    if (letter == 'x' && code >= 0x80) {
      run_.push_back(static_cast<char>(code));
    } else {
      end_run();
      append_utf8(result_.text, static_cast<char32_t>(code));
    }
    at_ += 2 + static_cast<std::size_t>(digits);
    keep_ = result_.text.size();
    return true;
  }

  // A run of high \x escapes ends: bytes or code points?
  void end_run() {
    if (run_.empty()) return;
    if (high_ == HighEscapes::bytes || is_utf8(run_)) {
      result_.text += run_;
    } else {
      result_.guessed_points = true;
      for (const char c : run_) append_utf8(result_.text, static_cast<unsigned char>(c));
    }
    run_.clear();
    keep_ = result_.text.size();
  }

  std::string_view input_;
  HighEscapes high_;
  Unescaped result_;
  std::string run_;
  std::size_t at_ = 0;
  std::size_t keep_ = 0;  // blanks before this were escaped, folding leaves them
};

}  // namespace

std::optional<Unescaped> unescape_double(std::string_view input, HighEscapes high) {
  return DoubleQuoted(input, high).decode();
}

std::optional<Unescaped> unescape_single(std::string_view input) {
  Unescaped result;
  std::size_t keep = 0;
  for (std::size_t at = 1; at < input.size();) {
    const char c = input[at];
    if (c == '\'') {
      if (at + 1 >= input.size() || input[at + 1] != '\'') {
        result.consumed = at + 1;
        return result;
      }
      result.text.push_back('\'');
      at += 2;
    } else if (is_break(input, at)) {
      while (result.text.size() > keep && is_blank(result.text.back())) result.text.pop_back();
      at = fold_breaks(input, at, result.text);
      keep = result.text.size();
    } else {
      result.text.push_back(c);
      ++at;
    }
  }
  return std::nullopt;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  int padding = 0;
  static constexpr std::string_view k_digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (const char c : text) {
    if (is_blank(c) || c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const auto digit = k_digits.find(c);
    if (digit == std::string_view::npos || padding > 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    have += 6;
    if (have >= 8) {
      have -= 8;
      out.push_back(static_cast<char>(bits >> have & 0xFF));
    }
  }
  if (have >= 6 || padding > 2) return std::nullopt;
  return out;
}

void append_utf8(std::string& out, char32_t code) {
  const auto add = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    add(0xE0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3F));
  } else {
    add(0xF0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3F));
    add(0x80 | (code >> 6 & 0x3F));
  }
  add(0x80 | (code & 0x3F));
}

bool is_null_word(std::string_view text) noexcept {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

}  // namespace recentd::yaml
