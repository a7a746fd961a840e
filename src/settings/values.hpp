#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/delete_limit.hpp>
#include <recentd/epoch.hpp>
#include <recentd/mode_rules.hpp>
#include <recentd/origin.hpp>
#include <recentd/path_filter.hpp>

namespace recentd::settings {

// Texts that a user gave for a setting, turned into values. `name` is the setting as the user wrote it
// ("--ttl" on the command line, "ttl" in a configuration file). All that can
// fail throw Error{usage} naming it.

// Seconds as a plain decimal, at most 10^9.
std::chrono::nanoseconds parse_seconds(std::string_view name, std::string_view text);
// The same with a unit behind it: s, m (minutes), h, d or w; without one they are seconds. At most 100 years.
std::chrono::nanoseconds parse_duration(std::string_view name, std::string_view text);
// A whole number from min to max.
std::int64_t parse_number(std::string_view name, std::string_view text, std::int64_t min,
                          std::int64_t max = std::numeric_limits<std::int64_t>::max());
// A plain decimal.
Epoch parse_epoch(std::string_view name, std::string_view text);
// A moment: a plain decimal, which is an epoch; a date, with a time of day or without, as parse_utc() takes
// it; or how long before `now` it was, as parse_duration() takes it, with a unit.
Epoch parse_moment(std::string_view name, std::string_view text, TimePoint now);
// true, yes, on, or false, no, off.
bool parse_switch(std::string_view name, std::string_view text);
// full, data or none.
Fsync parse_fsync(std::string_view name, std::string_view text);

// bytes or utf8.
JsonPaths parse_json_paths(std::string_view name, std::string_view text);
// Words with commas between them, blanks around each taken away.
std::vector<std::string> parse_list(std::string_view text);

// Bytes, at least 1, with K, M or G for powers of 1024.
std::uint64_t parse_size(std::string_view name, std::string_view text);
// As Record::parse() takes it.
Record parse_record(std::string_view name, std::string_view text);
// As DeleteLimit::parse() takes it.
DeleteLimit parse_delete_limit(std::string_view name, std::string_view text);
// .sto or .dd: a format that an upstream's index may have besides .yaml and .json.
std::string parse_allowed_suffix(std::string_view name, std::string_view text);
// As ModeRules::parse() takes it.
ModeRules parse_chmod(std::string_view name, std::string_view text);

// A duration as parse_seconds() reads it, without needless digits.
std::string seconds_text(std::chrono::nanoseconds duration);

}  // namespace recentd::settings
