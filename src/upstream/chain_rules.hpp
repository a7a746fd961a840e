#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <recentd/interval.hpp>

#include "state/mirror_state.hpp"
#include "upstream/level_facts.hpp"

namespace recentd::upstream {

// Deciding which index files a mirror needs and may show. Pure functions over what is known of each level.

// One level of the upstream's chain as the mirror knows it; the principal is the first.
struct LevelStatus {
  Interval interval;
  std::string name = {};  // of the file, here and (but for a linkless principal) at the upstream
  std::optional<LevelFacts> facts = {};        // of our private copy
  std::optional<Epoch> published_newest = {};  // newest event of the file that is visible in the target
  bool visible = false;                        // a file of this name is visible in the target
  bool published = false;                      // ... and it is our present copy
  bool absent = false;                         // the upstream has no such file (yet)
  std::int64_t retry_at_s = 0;                 // steady: not fetched again before (lagging or stale levels)
  std::int64_t retry_delay_s = 0;              // doubles with each fetch that brought nothing better
  std::optional<Epoch> answered_for =
      {};                    // the need (see wanted_epoch) for which the upstream had nothing better
  bool wants_whole = false;  // what deltas made of it was not enough
  std::optional<Epoch> answered_oldest = {};  // where the nearest smaller copy began by then
};

// Why a level's index has to be fetched.
enum class Need { none, first_copy, behind, gap, ahead, stale_dirtymark };

// Whether level i (not the principal) has to be fetched, seen from the nearest smaller level that has a copy
// (recentd-mirror(7), Need). Unknown means fetch.
Need need_of(const std::vector<LevelStatus>& levels, std::size_t i);

// What the nearest smaller level says of how far it was merged; a level behind that has to be fetched.
std::optional<Epoch> wanted_epoch(const std::vector<LevelStatus>& levels, std::size_t i);

// Notes that the upstream was asked for level i, and has nothing better.
void note_answer(std::vector<LevelStatus>& levels, std::size_t i);
// Whether that holds still: nothing was merged since, and no event has dropped out of the smaller level that
// the copy may lack.
bool is_answered(const std::vector<LevelStatus>& levels, std::size_t i);

// True if the copy's dirtymark is the principal's, or one of them has none.
bool dirtymark_matches(const std::vector<LevelStatus>& levels, std::size_t i);

// What is known of an upstream's history.
struct History {
  std::optional<Epoch> seen;             // the newest event of all
  std::optional<std::string> dirtymark;  // of the principal before
};
// Whether a principal that tells less than was seen was begun anew, and not rolled back: it has events, and a
// dirtymark that is newer than all that is known, but none of the future (recentd-mirror(7), Rollback).
bool is_begun_anew(const LevelFacts& principal, const History& known, const Epoch& latest);

// Whether a level may be worked off: its dirtymark matches, or it has differed for an hour and is not older
// than the one already worked off under. Keeps count in `progress` of how long it has differed.
bool trusted(const std::vector<LevelStatus>& levels, std::size_t i, state::LevelProgress& progress,
             std::int64_t now_s);

// The highest epoch that the smaller levels vouch for; events of level i above it wait until the principal
// has been fetched again. Nothing for the principal itself.
std::optional<Epoch> vouched_for(const std::vector<LevelStatus>& levels, std::size_t i);

// True if everything between the copy's newest and oldest event is worked off (an empty level always is).
bool complete(const LevelStatus& level, const state::LevelProgress& progress);

// Whether showing our copy of level i leaves no gap to the nearest larger level that is visible in the
// target: an event that dropped out of i must be in that one (recentd-mirror(7), No gap).
bool joins_visible(const std::vector<LevelStatus>& levels, std::size_t i);

}  // namespace recentd::upstream
