#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace recentd {

// A text as one word for a shell, so that a command that is told to somebody can be pasted. Pure.
inline std::string shell_word(std::string_view text) {
  constexpr std::string_view k_plain = "-_./:@%+=,";
  const auto plain = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           k_plain.find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return std::string(text);
  // What a terminal must not get is spelled out, as bash, zsh and ksh read it.
  const auto shown = escaped(text);
  const bool odd = shown != text;
  std::string word = odd ? "$'" : "'";
  for (const char c : shown) {
    if (c == '\'')
      word += odd ? "\\'" : "'\\''";
    else
      word += c;
  }
  return word + "'";
}

}  // namespace recentd
