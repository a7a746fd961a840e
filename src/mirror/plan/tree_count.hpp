#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "mirror/plan/seen_paths.hpp"
#include "upstream/chain.hpp"

namespace recentd::mirror {

// What all levels together say of the tree, without a look at the disk.

// Bounds that the levels' facts alone give, for free.
struct Estimate {
  std::uint64_t present_min = 0;  // at least so many files are named as present
  std::uint64_t ahead_max = 0;    // at most so many deletes are told by levels that are not worked off
  bool whole = true;              // a copy of every level is here
};
Estimate estimate(const std::vector<upstream::LevelStatus>& levels, const state::MirrorState& state);

// Of the largest level: about as many paths as all levels together name.
std::uint64_t most_events(std::span<const upstream::LevelStatus> levels);

// Reads every level once, newest event first, and calls `newest` for the newest event of each path; `open`
// tells that it is not worked off yet. Costs about 100 ms and 20 to 50 MB for 1,000,000 paths. `seen` ends up
// with all paths; its texts live as long as the readers, which are returned.
using NewestEvent = std::function<void(const EventRow& row, bool open)>;
std::vector<std::unique_ptr<codec::EventReader>> newest_events(const upstream::Chain& chain,
                                                               const state::MirrorState& state,
                                                               SeenPaths& seen, const NewestEvent& newest);
// The same of some levels of the chain.
std::vector<std::unique_ptr<codec::EventReader>> newest_events(std::span<const upstream::LevelStatus> levels,
                                                               const upstream::IndexCache& cache,
                                                               const state::MirrorState& state,
                                                               SeenPaths& seen, const NewestEvent& newest);

}  // namespace recentd::mirror
