#pragma once

#include <cstddef>

namespace recentd::sys {

// The files that a process is born with.
enum class Stream { output = 1, errors = 2 };

// Whether a person may be looking at it: it is a terminal, and one that can do more than print.
bool is_terminal(Stream stream) noexcept;
// How wide that terminal is; 80 if it does not tell.
std::size_t terminal_columns(Stream stream) noexcept;
// Whether colours are wanted there: it is a terminal, and NO_COLOR is not set to anything.
bool takes_colour(Stream stream) noexcept;

}  // namespace recentd::sys
