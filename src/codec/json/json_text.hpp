#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace recentd::codec {

// What the characters of JSON strings stand for (recentfile(5), JSON). Pure functions.
// bytes: each code point below U+0100 is one byte, and a text that has others is UTF-8.
// utf8: UTF-8; a lone surrogate U+DC80..U+DCFF is the byte that is no UTF-8.
enum class JsonCharacters { bytes, utf8 };

// The bytes of the text between the quotes; nothing for a malformed escape or another lone surrogate.
std::optional<std::string> decode_json_text(std::string_view raw, JsonCharacters characters);

// True if the text stands for its own bytes.
bool is_literal_json_text(std::string_view raw, JsonCharacters characters) noexcept;

}  // namespace recentd::codec
