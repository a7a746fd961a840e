#include "codec/perl_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "base/text.hpp"
#include "lib/yaml/scalar.hpp"

namespace recentd::codec {

std::string bytes_of_characters(std::u32string_view characters) {
  const bool narrow = std::ranges::all_of(characters, [](char32_t c) { return c < 0x100; });
  std::string out;
  for (const char32_t c : characters) {
    if (narrow)
      out.push_back(static_cast<char>(c));
    else
      yaml::append_utf8(out, c);
  }
  return out;
}

std::optional<std::string> downgraded(std::string_view utf8) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::ranges::all_of(utf8, is_ascii) || !is_utf8(utf8)) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (c > 0xC3) return std::nullopt;  // U+0100 and above
    if (c < 0x80) {
      out.push_back(utf8[i]);
      continue;
    }
    const auto next = static_cast<unsigned char>(utf8[++i]);
    out.push_back(static_cast<char>((c & 0x03U) << 6 | (next & 0x3FU)));
  }
  return out;
}

std::string perl_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "Inf";
  char text[40];
  const int n = std::snprintf(text, sizeof text, "%.15g", value);
  return {text, static_cast<std::size_t>(n)};
}

}  // namespace recentd::codec
