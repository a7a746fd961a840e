#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "delta/events.hpp"

namespace recentd::delta {

// The same delta, with references to events in place of those that the next smaller level has, too
// (recentfile(5), Deltas): what was merged upward is told in a line. Nothing if it has none. One pass over
// the delta and over that level.
std::optional<std::string> with_references(std::string_view patch, const Smaller& smaller);

}  // namespace recentd::delta
