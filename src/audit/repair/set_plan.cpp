#include "audit/repair/set_plan.hpp"

#include <algorithm>

#include "model/meta.hpp"

namespace recentd::audit {
namespace {

using Level = SetPlan::Level;

const Epoch& beginning() {
  static const Epoch zero = Epoch::from_parts(0, 0, 0);
  return zero;
}

void lose(SetPlan& plan, const LevelReading& known) {
  const auto& above = known.newest ? *known.newest : beginning();
  if (!plan.lost_above || above < *plan.lost_above) plan.lost_above = above;
}

// A level that is not there although a smaller one was merged into it is as lost as a broken one.
std::vector<Level> judge(const std::vector<LevelReading>& levels) {
  std::vector<Level> all;
  const LevelReading* smaller = nullptr;
  for (const auto& level : levels) {
    const bool lost = level.exists
                          ? !level.readable
                          : &level == &levels.front() || (smaller != nullptr && smaller->merged_epoch);
    all.push_back(lost ? Level::rebuild : level.untidy ? Level::tidy : Level::keep);
    if (level.readable) smaller = &level;
  }
  return all;
}

}  // namespace

bool SetPlan::empty() const {
  return !all_anew && !aggregate && !lost_above &&
         std::all_of(levels.begin(), levels.end(), [](Level level) { return level == Level::keep; });
}

SetPlan plan_repair(const std::vector<LevelReading>& levels) {
  SetPlan plan;
  plan.levels = judge(levels);
  std::size_t top = 0;
  for (std::size_t i = 0; i < levels.size(); ++i)
    if (levels[i].exists || plan.levels[i] == Level::rebuild) top = i;
  plan.all_anew = plan.levels[top] == Level::rebuild;
  if (plan.all_anew) return plan;
  const LevelReading* smaller = nullptr;
  for (const auto& level : levels) {
    if (!level.readable) continue;
    const bool principal_lost = smaller == nullptr && &level != &levels.front();
    const bool unmerged =
        smaller != nullptr && smaller->merged_epoch && !reaches(level, *smaller->merged_epoch);
    if (unmerged) plan.levels[static_cast<std::size_t>(smaller - levels.data())] = Level::unmerge;
    // Events between the two may be in neither; and what a lost level between them held is not told by
    // either.
    const bool apart =
        smaller != nullptr && &level - smaller > 1 && smaller->oldest && !reaches(level, *smaller->oldest);
    if (principal_lost || unmerged || apart || (smaller != nullptr && !joins(*smaller, level)))
      lose(plan, level);
    if (smaller != nullptr && level.dirtymark && levels.front().dirtymark &&
        !same_dirtymark(level.dirtymark, levels.front().dirtymark))
      plan.aggregate = true;
    smaller = &level;
  }
  const bool rebuilt = std::find(plan.levels.begin(), plan.levels.end(), Level::rebuild) != plan.levels.end();
  plan.aggregate = plan.aggregate || rebuilt || plan.lost_above;
  return plan;
}

}  // namespace recentd::audit
