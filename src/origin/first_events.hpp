#pragma once

#include <vector>

#include <recentd/epoch.hpp>

#include "model/event_list.hpp"
#include "origin/walk.hpp"

namespace recentd {

// The events of a tree that had no index: each file `new` at its mtime, clipped to [1, now]; files of one
// second evenly spaced within it with as few digits as that takes; newest first, strictly descending
// (DECISIONS 3).
EventList first_events(std::vector<TreeFile> files, TimePoint now);

// How many events, from the newest on, a level of that many seconds begins with.
std::size_t within(const EventList& events, std::int64_t interval_s);

}  // namespace recentd
