#pragma once

#include <string>

#include <recentd/event.hpp>

namespace recentd::cli {

// How commands show events.

// "2026-11-22T10:15:00.123450Z", or the epoch itself if it lies outside of the years that a calendar has.
std::string time_text(const EpochView& epoch);
// "2026-11-22T10:15:00.123450Z new    dists/a": the name escaped.
std::string event_line(const Event& event);
// {"epoch": "1700000000.5", "time": ..., "type": "new", "path": "dists/a"} and the event's other keys.
std::string event_json(const Event& event);

}  // namespace recentd::cli
