#pragma once

#include <recentd/reading.hpp>

#include "model/event_list.hpp"

namespace recentd {

// Whether a reader who asks with `filter` wants this row; `max` is the caller's business.
bool wanted(const EventFilter& filter, const EventList& events, const EventRow& row);

}  // namespace recentd
