#pragma once

#include <cstddef>
#include <vector>

#include "mirror/index_cache.hpp"
#include "mirror/schedule.hpp"
#include "mirror/workshop.hpp"

namespace recentd::mirror {

// What a round of deletes came to.
struct RemovalResult {
  std::size_t removed = 0;
  std::size_t refused = 0;  // not done because they are more than max_delete; they stay queued
};

// Carries out the queued deletes of levels that are visible: files and links first, then directories, the
// longest path first; parents that became empty go too (SPEC 9.4, DECISIONS 37). A directory that is not
// empty stays.
RemovalResult perform_deletes(Workshop& shop, const std::vector<LevelStatus>& levels);

// Removes what lies in the target although no level names it as present: the deletes that Z no longer tells
// (SPEC 11.1 C23). The levels must all be complete.
RemovalResult prune(Workshop& shop, const std::vector<LevelStatus>& levels, const IndexCache& cache);

}  // namespace recentd::mirror
