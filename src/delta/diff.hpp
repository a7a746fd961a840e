#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace recentd::delta {

// What stands between two events in an index file of this suffix; empty where nothing can be told.
std::string_view separator_of(std::string_view suffix);

// How far somebody has come in the old and in the new version.
using Passed = std::function<void(std::size_t in_old, std::size_t in_new)>;

// The delta from one version of an index file to another, or nothing if it would have more than bytes_max.
// One pass over both: they are lists in the same order, so where they differ, the event with the newer epoch
// is the one that the other version has not. Right for any two texts, small for two versions of a level.
std::optional<std::string> make_patch(std::string_view old_text, std::string_view new_text,
                                      std::string_view separator, std::size_t bytes_max,
                                      const Passed& passed = {});

}  // namespace recentd::delta
