#include "state/differing_paths.hpp"

#include <algorithm>

namespace recentd::state {

Difference note_difference(MirrorState& state, const std::string& path, const EpochView& epoch) {
  const auto known = state.differing.find(path);
  const bool same_event = known != state.differing.end() && known->second.epoch == epoch;
  if (!same_event) {
    state.differing.insert_or_assign(path, DifferingPath{Epoch(epoch), state.fetches, false});
    return Difference::look_again;
  }
  if (known->second.alarmed) return Difference::known;
  if (known->second.fetch >= state.fetches) return Difference::look_again;
  known->second.alarmed = true;
  return Difference::alarm;
}

void forget_difference(MirrorState& state, std::string_view path) {
  const auto known = state.differing.find(path);
  if (known != state.differing.end()) state.differing.erase(known);
}

std::size_t alarming_differences(const MirrorState& state) noexcept {
  return static_cast<std::size_t>(std::count_if(state.differing.begin(), state.differing.end(),
                                                [](const auto& each) { return each.second.alarmed; }));
}

}  // namespace recentd::state
