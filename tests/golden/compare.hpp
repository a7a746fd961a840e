#pragma once

#include <optional>
#include <string>

#include "golden/disk.hpp"

namespace recentd::golden {

// How much of a file is looked at. `everything` adds what the vectors do not say: unknown keys.
enum class Depth { recorded, everything };

// The first difference between what is there and what is to be there, in words; nothing if there is none.
// Epochs are equal by value; a raised one of `expected` only has to be strictly between its neighbours, and
// above what was asked for. What was raised counts in the meta part, too.
std::optional<std::string> difference(const Tree& actual, const Tree& expected, Depth depth);
// Names of the files of both that do not differ, raised epochs included.
std::set<std::string> identical(const Tree& actual, const Tree& expected);
std::optional<std::string> events_difference(const std::vector<Event>& actual,
                                             const std::vector<Event>& expected, Depth depth);

// What holds for each file that we write, whatever is in it: strictly descending epochs, true minmax, our own
// Producers, a whole-second mtime of the clock or one later.
std::optional<std::string> flaw_of_own_file(const File& file, double clock);

// An event in one line, for messages.
std::string shown(const Event& event);

}  // namespace recentd::golden
