#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recentd/event.hpp>
#include <recentd/interval.hpp>

#include "recentfile/store.hpp"

namespace recentd {

// Registering events in ONE level: pure, no files, no clock (recentfile(5), Update).

// One thing to register, in memory that outlives the level: its rows refer to the path. Paths are already
// relative and valid.
struct UpdateItem {
  std::string_view path;
  EventType type = EventType::new_;
  const Epoch* epoch = nullptr;                                  // a dirty epoch; without it: now
  std::vector<std::pair<std::string, std::string>> extras = {};  // optional keys
};

struct UpdateResult {
  bool changed = false;        // something to write
  bool dirty = false;          // the dirtymark moved
  std::size_t registered = 0;  // events that are new in the level
  std::size_t clamped = 0;     // epochs in the future that became now
  std::size_t truncated = 0;   // events that fell off the old end
};

// Registers items in the level (which may be empty: a new one) and truncates it. An empty list only
// truncates. Items outside the tree have been left out by the caller. `interval` is the level's own.
// Disordered input is sorted and ties are spaced; if an event crossed merged.epoch the dirtymark moves
// (recentfile(5), Ties).
UpdateResult apply_update(LevelContent& level, const std::vector<UpdateItem>& items, const Interval& interval,
                          TimePoint now);

// The one rule by which a level drops events, whoever writes it: those below the returned epoch are older
// than its interval, counted back from `newest`, and known to the next level. Nothing for a level that was
// never merged, or whose merge was taken back. See recentfile(5), Truncation.
std::optional<Epoch> truncation_bound(const Meta& meta, const EpochView& newest, const Interval& interval);

}  // namespace recentd
