#include "codec/dumper/dumper_text.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "codec/failure.hpp"
#include "codec/perl_text.hpp"

namespace recentd::codec {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

constexpr std::size_t k_wrappings_max = 64;
constexpr std::size_t k_piece = std::size_t{1} << 20;

}  // namespace

void DumperText::fail(const std::string& what) const {
  const bool at_bound = text_.size() < full_.size() && at_ >= text_.size();
  codec::fail({Format::dumper, at_}, at_bound ? frame_beyond(frame_bytes_) : what);
}

void DumperText::let_go() {
  if (!done_with_ || at_ - let_go_ < k_piece) return;
  done_with_(full_.substr(let_go_, at_ - let_go_));
  let_go_ = at_;
}

// A long one, of which a part was looked at.
void DumperText::pass_comment() {
  for (; at_ < text_.size() && text_[at_] != '\n'; ++at_) let_go();
}

void DumperText::skip_blanks() {
  while (at_ < text_.size()) {
    let_go();
    const char c = text_[at_];
    if (c == '#') {
      const auto seen = text_.substr(0, at_ + k_piece);
      const auto end = seen.find('\n', at_);
      at_ = end == std::string_view::npos ? seen.size() : end;
      if (at_ == seen.size() && at_ < text_.size()) pass_comment();
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else {
      return;
    }
  }
}

char DumperText::peek() {
  skip_blanks();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool DumperText::take(char mark) {
  if (peek() != mark || at_ >= text_.size()) return false;
  ++at_;
  return true;
}

bool DumperText::at_word_byte() const {
  return at_ < text_.size() && is_word(text_[at_]);
}

bool DumperText::take_word(std::string_view word) {
  skip_blanks();
  if (!text_.substr(at_).starts_with(word)) return false;
  const auto end = at_ + word.size();
  if (is_word(word.back()) && end < text_.size() && is_word(text_[end])) return false;
  at_ = end;
  return true;
}

void DumperText::need(char mark) {
  if (take(mark)) return;
  if (at_ >= text_.size()) fail(cat("the text is cut where ", mark, " is needed"));
  fail(cat(mark, " is needed here"));
}

void DumperText::take_assignment() {
  if (!take('$')) return;
  if (!at_word_byte()) fail("no name of a variable");
  while (at_word_byte()) ++at_;
  need('=');
}

void DumperText::need_end() {
  (void)take(';');
  skip_blanks();
  if (at_ < text_.size()) fail("something behind the end of the data");
}

DumperText::Scalar DumperText::scalar() {
  const char c = peek();
  if (c == '\'') return single_quoted();
  if (c == '"') return double_quoted();
  if (c == '-' || is_digit(c)) return number();
  if (take_word("undef")) {
    Scalar undefined;
    undefined.undefined = true;
    return undefined;
  }
  if (at_ >= text_.size()) fail("the text is cut");
  fail("something that is no plain data");
}

DumperText::Scalar DumperText::key() {
  const char c = peek();
  Scalar key;
  if (c == '\'' || c == '"') {
    key = scalar();
  } else {
    const auto begin = at_;
    if (c == '-') ++at_;
    while (at_word_byte()) ++at_;
    if (at_ == begin) fail("a key is needed here");
    key.raw = text_.substr(begin, at_ - begin);
  }
  if (!take_word("=>")) fail("=> is needed here");
  return key;
}

// The next quote or backslash; most bytes are neither.
void DumperText::find_mark() {
  for (;;) {
    const auto seen = text_.substr(0, at_ + k_piece);
    const auto found = seen.find_first_of("'\\", at_);
    at_ = std::min(found, seen.size());
    if (found != std::string_view::npos) return;
    let_go();
    if (at_ >= text_.size()) fail("a text without its end");
  }
}

DumperText::Scalar DumperText::single_quoted() {
  Scalar scalar;
  const auto begin = ++at_;
  for (;; ++at_) {
    find_mark();
    if (text_[at_] == '\'') break;
    if (!scalar.decoded) scalar.decoded = std::string();
    ++at_;
  }
  scalar.raw = text_.substr(begin, at_++ - begin);
  if (!scalar.decoded) return scalar;
  for (std::size_t i = 0; i < scalar.raw.size() && scalar.decoded->size() <= text_bytes_max_; ++i) {
    const bool escapes = scalar.raw[i] == '\\' && i + 1 < scalar.raw.size() &&
                         (scalar.raw[i + 1] == '\\' || scalar.raw[i + 1] == '\'');
    if (escapes) ++i;
    scalar.decoded->push_back(scalar.raw[i]);
  }
  return scalar;
}

DumperText::Scalar DumperText::double_quoted() {
  std::u32string characters;
  ++at_;
  for (;;) {
    let_go();
    if (at_ >= text_.size()) fail("a text without its end");
    const char c = text_[at_++];
    if (c == '"') break;
    if (c == '$' || c == '@') fail("a text with a variable in it");
    const char32_t character = c == '\\' ? escape() : static_cast<unsigned char>(c);
    if (characters.size() <= text_bytes_max_) characters.push_back(character);
  }
  Scalar scalar;
  scalar.decoded = bytes_of_characters(characters);
  return scalar;
}

// Behind the backslash.
char32_t DumperText::escape() {
  if (at_ >= text_.size()) fail("a text without its end");
  const char c = text_[at_++];
  constexpr std::string_view k_names = "ntrfbae", k_bytes = "\n\t\r\f\b\a\x1B";
  if (const auto i = k_names.find(c); i != std::string_view::npos) return static_cast<char32_t>(k_bytes[i]);
  char32_t value = 0;
  if (c >= '0' && c <= '7') {
    value = static_cast<char32_t>(c - '0');
    for (int i = 0; i < 2 && at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '7'; ++i)
      value = value * 8 + static_cast<char32_t>(text_[at_++] - '0');
    return value;
  }
  if (c != 'x') {
    if (is_word(c)) fail("an escape that Data::Dumper does not write");
    return static_cast<unsigned char>(c);
  }
  const bool braces = at_ < text_.size() && text_[at_] == '{';
  if (braces) ++at_;
  const std::size_t digits_max = braces ? 8 : 2;
  std::size_t digits = 0;
  for (; digits < digits_max && at_ < text_.size() && hex_digit(text_[at_]) >= 0; ++digits)
    value = value * 16 + static_cast<char32_t>(hex_digit(text_[at_++]));
  if (digits == 0 || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
    fail("an escape that is no character");
  if (braces && (at_ >= text_.size() || text_[at_++] != '}')) fail("an escape without its end");
  return value;
}

DumperText::Scalar DumperText::number() {
  const auto begin = at_;
  const auto digits = [this] {
    const auto from = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ - from;
  };
  if (text_[at_] == '-') ++at_;
  const auto first = at_;
  const auto count = digits();
  // Perl takes it for an octal number.
  if (count == 0 || (count > 1 && text_[first] == '0')) fail("no number");
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (digits() == 0) fail("no number");
  }
  if (at_ < text_.size() && (text_[at_] | 0x20) == 'e') {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
    if (digits() == 0) fail("no number");
  }
  if (at_word_byte()) fail("no number");
  Scalar scalar;
  scalar.raw = text_.substr(begin, at_ - begin);
  scalar.number = true;
  return scalar;
}

std::string DumperText::open_wrappings() {
  std::string ends;
  for (;;) {
    if (ends.size() > k_wrappings_max) fail("data that is nested too deeply");
    if (take('\\')) continue;
    if (take_word("bless")) {
      need('(');
      ends.insert(ends.begin(), 'b');
    } else if (take_word("do")) {
      need('{');
      need('\\');
      need('(');
      if (!take_word("my") || !take('$') || !take_word("o")) fail("something that is no plain data");
      need('=');
      ends.insert(ends.begin(), 'd');
    } else {
      return ends;
    }
  }
}

void DumperText::close_wrappings(const std::string& ends) {
  for (const char end : ends) {
    if (end == 'b') {
      need(',');
      if (scalar().undefined) fail("a class without a name");
    }
    need(')');
    if (end == 'd') need('}');
  }
}

}  // namespace recentd::codec
