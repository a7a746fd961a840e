#pragma once

#include <cstddef>
#include <string_view>

#include "sys/file/bytes.hpp"

namespace recentd::codec {

// What the first bytes of a YAML text's lines tell without a look at the rest. Pure functions.

// The next line feed, from `at` on, that a line follows which starts with neither blank nor dash; the text's
// size if there is none. Events have no such lines.
std::size_t next_left_edge(std::string_view text, std::size_t at);

// The first byte of a line that is no blank, within so many bytes; a line feed if there is none.
char first_mark(std::string_view text, std::size_t line, std::size_t bytes_max);

// Behind an event of a list whose dashes have this indentation: the next line with content that begins there
// or left of it. The text, which is of the bytes, is looked at in pieces, none of which is kept.
std::size_t behind_event(const sys::Bytes& bytes, std::string_view text, std::size_t event,
                         std::size_t dash_indent);

}  // namespace recentd::codec
