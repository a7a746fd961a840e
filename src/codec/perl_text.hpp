#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace recentd::codec {

// Which bytes Perl's strings stand for. Pure functions.

// Characters, as Perl prints them to a file: each below U+0100 is one byte; if there are others, the whole
// text is UTF-8.
std::string bytes_of_characters(std::u32string_view characters);
// The same for characters that are UTF-8 already. Nothing: the text stands for its own bytes (it is ASCII,
// has characters from U+0100 on, or is no UTF-8).
std::optional<std::string> downgraded(std::string_view utf8);

// A number as Perl prints it, with 15 digits.
std::string perl_number(double value);

}  // namespace recentd::codec
