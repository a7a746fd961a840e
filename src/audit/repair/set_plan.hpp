#pragma once

#include <optional>
#include <vector>

#include <recentd/epoch.hpp>

#include "audit/level_audit.hpp"

namespace recentd::audit {

// What it takes to put a set of index files right again.
struct SetPlan {
  enum class Level {
    keep,
    tidy,     // write it anew from its own events
    unmerge,  // the same; it was never merged as far as it says
    rebuild,  // it is lost: from the events of the others
  };
  std::vector<Level> levels;  // principal first
  // The largest level is lost, and what it alone knew with it: all levels are made anew from the rest and the
  // disk, under another dirtymark.
  bool all_anew = false;
  // Events above it may be in no level any more.
  std::optional<Epoch> lost_above;
  bool aggregate = false;  // with force, twice: levels have to be joined again

  [[nodiscard]] bool empty() const;
};

// Decides it. Pure.
SetPlan plan_repair(const std::vector<LevelReading>& levels);

}  // namespace recentd::audit
