#pragma once

#include <optional>
#include <span>

#include <recentd/epoch.hpp>

#include "model/event_list.hpp"

namespace recentd {

// Keeping the events of a file strictly descending when several want the same epoch (recentfile(5), Ties).

// n epochs strictly above `low`, ascending: below `newer` if there is one, and within the second of `low`, so
// that nothing moves far.
std::vector<Epoch> epochs_above(const EpochView& low, const std::optional<EpochView>& newer, std::size_t n);

// Gives the row another epoch, whose text `texts` then holds.
void set_epoch(EventRow& row, const EpochView& epoch, EventList& texts);

// Rows of one epoch, newest position first: the last keeps it, the others get places between it and `newer`.
void space_group(std::span<EventRow> group, const std::optional<EpochView>& newer, EventList& texts);

// Whether anything moved past `mark`.
struct Spacing {
  bool moved = false;
  bool crossed = false;
};
// Spaces all equal epochs of a list that is sorted newest first.
Spacing space_ties(EventList& events, const std::optional<EpochView>& mark);

}  // namespace recentd
