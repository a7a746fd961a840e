#include "mirror/plan/tree_count.hpp"

#include <algorithm>

#include "model/meta.hpp"

namespace recentd::mirror {
namespace {

const state::LevelProgress* progress_of(const state::MirrorState& state, const upstream::LevelStatus& level) {
  for (const auto& progress : state.levels)
    if (progress.interval == level.interval.spec())
      return same_dirtymark(progress.dirtymark, level.facts->dirtymark) ? &progress : nullptr;
  return nullptr;
}

}  // namespace

std::uint64_t most_events(std::span<const upstream::LevelStatus> levels) {
  std::uint64_t most = 0;
  for (const auto& level : levels)
    if (level.facts) most = std::max(most, level.facts->events);
  return most;
}

Estimate estimate(const std::vector<upstream::LevelStatus>& levels, const state::MirrorState& state) {
  Estimate result;
  std::uint64_t deletes = 0;  // of all smaller levels: each can make one file of this one absent
  for (const auto& level : levels) {
    if (!level.facts) {
      if (!level.absent) result.whole = false;
      continue;
    }
    const auto& facts = *level.facts;
    const auto present = facts.events - facts.deletes;
    result.present_min = std::max(result.present_min, present > deletes ? present - deletes : 0);
    deletes += facts.deletes;
    const auto* progress = progress_of(state, level);
    if (!progress || !upstream::complete(level, *progress)) result.ahead_max += facts.deletes;
  }
  return result;
}

std::vector<std::unique_ptr<codec::EventReader>> newest_events(const upstream::Chain& chain,
                                                               const state::MirrorState& state,
                                                               SeenPaths& seen, const NewestEvent& newest) {
  return newest_events(chain.levels(), chain.cache(), state, seen, newest);
}

std::vector<std::unique_ptr<codec::EventReader>> newest_events(std::span<const upstream::LevelStatus> levels,
                                                               const upstream::IndexCache& cache,
                                                               const state::MirrorState& state,
                                                               SeenPaths& seen, const NewestEvent& newest) {
  std::vector<std::unique_ptr<codec::EventReader>> readers;
  std::vector<EventRow> rows(256);
  std::vector<SeenPaths::Hash> hashes(rows.size());
  seen.expect(most_events(levels));
  for (const auto& level : levels) {
    if (!level.facts) continue;
    const auto* progress = progress_of(state, level);
    readers.push_back(cache.open(level.name, *level.facts));
    while (const auto n = readers.back()->read(rows)) {
      // Has the memory for many look-ups on its way at the same time.
      for (std::size_t i = 0; i < n; ++i) seen.prefetch(hashes[i] = SeenPaths::hash(rows[i].path()));
      for (std::size_t i = 0; i < n; ++i) seen.prefetch_text(hashes[i]);
      for (std::size_t i = 0; i < n; ++i) {
        if (!seen.insert(rows[i].path(), hashes[i])) continue;
        newest(rows[i], !progress || !progress->done.covers(rows[i].epoch()));
      }
    }
  }
  return readers;
}

}  // namespace recentd::mirror
