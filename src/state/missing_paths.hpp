#pragma once

#include <string>
#include <string_view>

#include <recentd/epoch.hpp>

#include "state/mirror_state.hpp"

namespace recentd::state {

// Paths that the index names and the upstream has not: the file may just have been replaced, which the
// principal, fetched anew, will tell; missing twice under the same event it is gone, and counts as done;
// recentd-mirror(7), Gone paths. Decides only; what it knows lies in the state.

enum class Missed : std::uint8_t {
  look_again,  // after the next fetch of the principal
  gone,        // from now on
  known,       // it was gone before
};
Missed note_missed(MirrorState& state, const std::string& path, const EpochView& epoch);

// The path is there, or another event of it counts now. What is visible may name a gone one for a while.
void forget_missed(MirrorState& state, std::string_view path);

}  // namespace recentd::state
