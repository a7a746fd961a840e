#include "mirror/plan/late_turn.hpp"

namespace recentd::mirror {

std::optional<Epoch> oldest_open(const state::MissingPaths& missing) {
  std::optional<Epoch> oldest;
  for (const auto& [path, each] : missing)
    if (!each.known && (!oldest || each.epoch < *oldest)) oldest = each.epoch;
  return oldest;
}

std::vector<Step> in_turn(std::vector<Step> late, const std::optional<Epoch>& open) {
  if (open) std::erase_if(late, [&](const Step& step) { return open->view() < step.row.epoch(); });
  return late;
}

}  // namespace recentd::mirror
