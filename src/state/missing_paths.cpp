#include "state/missing_paths.hpp"

namespace recentd::state {

Missed note_missed(MirrorState& state, const std::string& path, const EpochView& epoch) {
  const auto found = state.missing.find(path);
  const bool again = found != state.missing.end() && found->second.epoch == epoch;
  if (!again) {
    forget_missed(state, path);
    state.missing.insert_or_assign(path, MissingPath{Epoch(epoch), state.fetches, false});
    return Missed::look_again;
  }
  if (found->second.gone) return Missed::known;
  if (found->second.fetch >= state.fetches) return Missed::look_again;
  found->second.gone = true;
  return Missed::gone;
}

void forget_missed(MirrorState& state, std::string_view path) {
  const auto known = state.missing.find(path);
  if (known == state.missing.end()) return;
  if (known->second.gone) state.shown_gone.insert(known->first);
  state.missing.erase(known);
}

}  // namespace recentd::state
