#pragma once

#include <optional>
#include <string>

#include "recentfile/store.hpp"

namespace recentd::mirror {

// Why an index that lies in a target without a state of ours is not that of a mirror of the source, told by
// the principals of both: "its newest event, 17.2, is newer than the source's, 16". Nothing if it is one;
// recentd-mirror(7), Whose target it is. Pure.
std::optional<std::string> why_no_mirror(const LevelContent& here, const LevelContent& source);

}  // namespace recentd::mirror
