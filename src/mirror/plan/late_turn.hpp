#pragma once

#include <optional>
#include <vector>

#include <recentd/epoch.hpp>

#include "mirror/plan/level_scan.hpp"
#include "state/mirror_state.hpp"

namespace recentd::mirror {

// When files that name others may come; recentd-mirror(7), Files that name others. Pure.

// The oldest event of a path that could not be had and is waited for still; nothing if there is none.
std::optional<Epoch> oldest_open(const state::MissingPaths& missing);

// Of what was set aside, in its order, that before which nothing is open.
std::vector<Step> in_turn(std::vector<Step> late, const std::optional<Epoch>& open);

}  // namespace recentd::mirror
