#pragma once

#include <optional>
#include <string>
#include <vector>

#include <recentd/interval.hpp>

#include "recentfile/store.hpp"

namespace recentd {

// What the levels of a set hold after its chain or its habits changed (see Conversion). Pure.

struct KnownLevel {
  Interval interval;
  std::optional<LevelContent> content;  // nothing: there is no file
};

struct PlannedLevel {
  Interval interval;
  std::optional<LevelContent> content;  // nothing: no event, so no file
  bool is_new = false;                  // there was no such level in the chain before
  bool grows = false;                   // it holds more events than before
  bool shrinks = false;                 // it holds less
};

// The levels of the new chain, principal first. `known`: those of the old chain, principal first, which must
// have a content and stay the principal. A level that is left out gives its events to the next larger one; a
// new one gets all events of its interval. `merged` says of each what the next one holds.
std::vector<PlannedLevel> plan_conversion(std::vector<KnownLevel> known, const std::vector<Interval>& chain,
                                          std::optional<bool> keep_deletes, const std::string& now);

}  // namespace recentd
