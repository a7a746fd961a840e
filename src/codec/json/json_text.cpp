#include "codec/json/json_text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "lib/yaml/scalar.hpp"

namespace recentd::codec {

namespace {

constexpr char32_t k_byte_surrogates = 0xDC00;  // U+DC80..U+DCFF

bool is_high_surrogate(char32_t code) {
  return code >= 0xD800 && code < 0xDC00;
}
bool is_low_surrogate(char32_t code) {
  return code >= 0xDC00 && code < 0xE000;
}

std::optional<char32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  char32_t code = 0;
  for (const char c : text.substr(0, 4)) {
    const auto digit =
        std::string_view("0123456789abcdef").find(static_cast<char>(c >= 'A' && c <= 'F' ? c | 0x20 : c));
    if (digit == std::string_view::npos) return std::nullopt;
    code = code * 16 + static_cast<char32_t>(digit);
  }
  return code;
}

std::optional<char32_t> one_letter(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return static_cast<unsigned char>(c);
    case 'b':
      return 8;
    case 'f':
      return 12;
    case 'n':
      return 10;
    case 'r':
      return 13;
    case 't':
      return 9;
    default:
      return std::nullopt;
  }
}

// The code points of a text; raw parts are valid UTF-8, the parser saw to that.
class Decoder {
 public:
  explicit Decoder(std::string_view raw) : raw_(raw) {}

  std::optional<std::vector<char32_t>> all() {
    std::vector<char32_t> codes;
    codes.reserve(raw_.size());
    while (at_ < raw_.size()) {
      const auto code = raw_[at_] == '\\' ? escape() : character();
      if (!code) return std::nullopt;
      codes.push_back(*code);
    }
    return codes;
  }

 private:
  std::optional<char32_t> character() {
    const auto lead = static_cast<unsigned char>(raw_[at_]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (at_ + size > raw_.size()) return std::nullopt;
    char32_t code = size == 1 ? lead : lead & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i)
      code = code << 6 | (static_cast<unsigned char>(raw_[at_ + i]) & 0x3FU);
    at_ += size;
    return code;
  }

  std::optional<char32_t> escape() {
    if (at_ + 1 >= raw_.size()) return std::nullopt;
    const char letter = raw_[at_ + 1];
    at_ += 2;
    if (letter != 'u') return one_letter(letter);
    const auto code = hex4(raw_.substr(at_));
    if (!code) return std::nullopt;
    at_ += 4;
    if (!is_high_surrogate(*code) || raw_.substr(at_, 2) != "\\u") return code;
    const auto low = hex4(raw_.substr(at_ + 2));
    if (!low || !is_low_surrogate(*low)) return code;
    at_ += 6;
    return 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
  }

  std::string_view raw_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_literal_json_text(std::string_view raw, JsonCharacters characters) noexcept {
  if (characters == JsonCharacters::utf8) return raw.find('\\') == std::string_view::npos;
  std::size_t at = 0;
  for (; at + 8 <= raw.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, raw.data() + at, sizeof word);
    const std::uint64_t other = word ^ 0x5C5C5C5C5C5C5C5C;  // zero where a backslash is
    const std::uint64_t zeros = (other - 0x0101010101010101) & ~other;
    if (((word | zeros) & 0x8080808080808080) != 0) return false;
  }
  for (; at < raw.size(); ++at) {
    if (raw[at] == '\\' || static_cast<unsigned char>(raw[at]) >= 0x80) return false;
  }
  return true;
}

std::optional<std::string> decode_json_text(std::string_view raw, JsonCharacters characters) {
  if (is_literal_json_text(raw, characters)) return std::string(raw);
  const auto codes = Decoder(raw).all();
  if (!codes) return std::nullopt;
  const bool bytes = characters == JsonCharacters::bytes &&
                     std::all_of(codes->begin(), codes->end(), [](char32_t code) { return code < 0x100; });
  std::string out;
  for (const auto code : *codes) {
    if (bytes) {
      out.push_back(static_cast<char>(code));
    } else if (characters == JsonCharacters::utf8 && code >= 0xDC80 && code <= 0xDCFF) {
      out.push_back(static_cast<char>(code - k_byte_surrogates));
    } else if (is_high_surrogate(code) || is_low_surrogate(code)) {
      return std::nullopt;
    } else {
      yaml::append_utf8(out, code);
    }
  }
  return out;
}

}  // namespace recentd::codec
