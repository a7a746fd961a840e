#include "upstream/chain_rules.hpp"

#include <algorithm>

#include "model/meta.hpp"

namespace recentd::upstream {
namespace {

constexpr std::int64_t k_stale_accepted_after_s = 3600;
constexpr std::int64_t k_stale_step_longest_s = 1800;  // what one look can add: more is a jump of the clock

// The nearest smaller level that has a copy; i itself if there is none.
std::size_t smaller_with_copy(const std::vector<LevelStatus>& levels, std::size_t i) {
  for (std::size_t k = i; k-- > 0;)
    if (levels[k].facts) return k;
  return i;
}

std::optional<Epoch> as_epoch(const std::optional<std::string>& text) {
  return text ? Epoch::parse(*text) : std::nullopt;
}

}  // namespace

std::optional<Epoch> wanted_epoch(const std::vector<LevelStatus>& levels, std::size_t i) {
  const auto k = smaller_with_copy(levels, i);
  return k == i ? std::nullopt : levels[k].facts->merged_epoch;
}

void note_answer(std::vector<LevelStatus>& levels, std::size_t i) {
  const auto k = smaller_with_copy(levels, i);
  levels[i].answered_for = wanted_epoch(levels, i);
  levels[i].answered_oldest = k == i ? std::nullopt : levels[k].facts->oldest;
}

bool is_answered(const std::vector<LevelStatus>& levels, std::size_t i) {
  const LevelStatus& level = levels[i];
  if (!level.answered_for || level.answered_for != wanted_epoch(levels, i)) return false;
  const auto& oldest = levels[smaller_with_copy(levels, i)].facts->oldest;
  const bool joined = !oldest || (level.facts && level.facts->newest && *oldest <= *level.facts->newest);
  return joined || (level.answered_oldest && *oldest <= *level.answered_oldest);
}

bool dirtymark_matches(const std::vector<LevelStatus>& levels, std::size_t i) {
  const auto& own = levels[i].facts->dirtymark;
  const auto& leading = levels.front().facts->dirtymark;
  return !own || !leading || same_dirtymark(own, leading);
}

Need need_of(const std::vector<LevelStatus>& levels, std::size_t i) {
  const auto k = smaller_with_copy(levels, i);
  if (k == i) return Need::none;
  const LevelStatus& level = levels[i];
  const LevelFacts& smaller = *levels[k].facts;
  if (!level.facts) return level.absent && !smaller.merged_epoch ? Need::none : Need::first_copy;
  if (!dirtymark_matches(levels, i)) return Need::stale_dirtymark;
  const auto& newest = level.facts->newest;
  if (smaller.merged_epoch && (!newest || *newest < *smaller.merged_epoch)) return Need::behind;
  if (smaller.oldest && newest && *newest < *smaller.oldest && smaller.merged_epoch) return Need::gap;
  const auto bound = vouched_for(levels, i);
  if (newest && bound && *newest > *bound) return Need::ahead;
  return Need::none;
}

bool is_begun_anew(const LevelFacts& principal, const History& known, const Epoch& latest) {
  const auto own = as_epoch(principal.dirtymark), before = as_epoch(known.dirtymark);
  if (!principal.newest || !own || !before || !known.seen) return false;
  return *own > *before && *own > *known.seen && *own <= latest;
}

bool trusted(const std::vector<LevelStatus>& levels, std::size_t i, state::LevelProgress& progress,
             std::int64_t now_s) {
  if (dirtymark_matches(levels, i)) {
    progress.stale_for_s = progress.stale_seen_at_s = 0;
    return true;
  }
  if (progress.stale_seen_at_s != 0 && now_s > progress.stale_seen_at_s)
    progress.stale_for_s += std::min(now_s - progress.stale_seen_at_s, k_stale_step_longest_s);
  progress.stale_seen_at_s = std::max<std::int64_t>(now_s, 1);
  const auto seen = as_epoch(progress.dirtymark), own = as_epoch(levels[i].facts->dirtymark);
  const bool rolled_back = seen && own && *own < *seen;
  return progress.stale_for_s >= k_stale_accepted_after_s && !rolled_back;
}

std::optional<Epoch> vouched_for(const std::vector<LevelStatus>& levels, std::size_t i) {
  std::optional<Epoch> bound;
  const auto raise = [&](const std::optional<Epoch>& epoch) {
    if (epoch && (!bound || *epoch > *bound)) bound = epoch;
  };
  for (std::size_t k = 0; k < i; ++k) {
    if (!levels[k].facts) continue;
    raise(levels[k].facts->newest);
    raise(levels[k].facts->merged_epoch);
  }
  return bound;
}

bool complete(const LevelStatus& level, const state::LevelProgress& progress) {
  if (!level.facts) return level.absent;
  const auto& facts = *level.facts;
  if (!facts.newest) return true;
  return same_dirtymark(progress.dirtymark, facts.dirtymark) &&
         progress.done.covers(*facts.newest, *facts.oldest);
}

bool joins_visible(const std::vector<LevelStatus>& levels, std::size_t i) {
  const auto& oldest = levels[i].facts->oldest;
  if (!oldest) return true;
  for (std::size_t k = i + 1; k < levels.size(); ++k) {
    if (!levels[k].visible) continue;
    // Nothing better to show than what is shown already: a gap is the upstream's own. But only it can say so,
    // and only of this very need: a copy that could not be fetched must not let the principal run ahead.
    if (levels[k].published && (need_of(levels, k) == Need::none || is_answered(levels, k))) return true;
    return levels[k].published_newest && *oldest <= *levels[k].published_newest;
  }
  return true;
}

}  // namespace recentd::upstream
