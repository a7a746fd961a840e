#pragma once

#include <string>

#include <recentd/event.hpp>

#include "cli/options.hpp"

namespace recentd::cli {

// How commands show events.

// In which zone times are told to people.
enum class Zone { utc, local };
// The row of --utc, and what it says.
Option utc_option();
Zone zone_of(const Arguments& arguments);

// "2026-11-22T10:15:00.123450Z", or the epoch itself if it lies outside of the years that a calendar has.
std::string time_text(const EpochView& epoch, Zone zone = Zone::utc);
// "2026-11-22T10:15:00.123450Z new    dists/a": the name escaped.
std::string event_line(const Event& event, Zone zone = Zone::utc);
// {"epoch": "1700000000.5", "time": ..., "type": "new", "path": "dists/a"} and the event's other keys.
std::string event_json(const Event& event);

}  // namespace recentd::cli
