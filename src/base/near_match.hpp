#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recentd {

// For words that a user mistyped.

// The candidate that is nearest to the word, if it is near enough to be meant: one slip (a letter too much,
// too few, another one, two swapped) for each three letters, or the word is the beginning of that candidate
// alone. Of several the first. A view of the candidate.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

// For the end of a message: " (did you mean 'mirror'?)", or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace recentd
