#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace recentd::yaml {

// The spelling of YAML scalars, shared by every path that reads YAML. Pure functions, safe from any thread.

// What `\x80` to `\xFF` mean between double quotes: Perl's emitter and ours spell bytes that way, others code
// points. guess: bytes if the run of such escapes is valid UTF-8, else code points.
enum class HighEscapes { guess, bytes };

// The text of a double-quoted scalar.
struct Unescaped {
  std::string text;
  std::size_t consumed = 0;     // bytes of the input, both quotes included
  bool guessed_points = false;  // a run was taken as code points for want of better knowledge
};

// Decodes the double-quoted scalar that begins at input[0] == '"', folding line breaks. Nothing if it does
// not end, or has an escape that YAML does not know.
std::optional<Unescaped> unescape_double(std::string_view input, HighEscapes high);

// The same for single quotes.
std::optional<Unescaped> unescape_single(std::string_view input);

// Base64 as in `!!binary`, blanks and line breaks ignored; nothing if it is malformed.
std::optional<std::string> decode_base64(std::string_view text);

// Adds a code point as UTF-8; surrogates come out as three bytes.
void append_utf8(std::string& out, char32_t code);

// ~, null, Null, NULL or nothing.
bool is_null_word(std::string_view text) noexcept;

}  // namespace recentd::yaml
