#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace recentd {

using Utc = std::chrono::sys_time<std::chrono::microseconds>;

// "2026-11-22T10:15:00.123456Z": sorts as text as it does in time, for years 0 to 9999.
std::string utc_text(Utc time);
// The same as this machine's clocks show it: "2026-11-22T11:15:00.123456+01:00"; Z, too, where there is no
// difference, and for years that the calendar has not.
std::string local_text(Utc time);
// What these two write, with fewer parts: date, date and time of day with or without seconds, fraction, and Z
// or an offset; without either it is UTC. Nothing for anything else, and for dates that the calendar has not.
std::optional<Utc> parse_utc(std::string_view text);

}  // namespace recentd
