#pragma once

#include <string>

#include "state/mirror_state.hpp"

namespace recentd::state {

// Paths whose content, as it arrived, is not what their events record. The file may just have been replaced
// at the upstream, which the next index tells, or have been broken on the way: it is fetched again after the
// principal; only if the event is still the same then, somebody is alarmed. Pure.

enum class Difference {
  look_again,  // once more, after the next fetch of the principal
  alarm,       // twice the same event and other content
  known,       // somebody was alarmed already
};
Difference note_difference(MirrorState& state, const std::string& path, const EpochView& epoch);
// The content is right, or another event counts now.
void forget_difference(MirrorState& state, std::string_view path);
// How many alarms stand.
std::size_t alarming_differences(const MirrorState& state) noexcept;

}  // namespace recentd::state
