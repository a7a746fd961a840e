#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/codec.hpp"
#include "model/value.hpp"

namespace recentd::codec {

// What writers of Perl's formats share. Pure functions.

// The keys beside `recent`, the meta part among them.
std::map<std::string, Value> top_level_of(const Meta& meta);
// An event's type; null for one without.
Value type_value(const EventRow& row, const EventDetails* details);
// An event as a map, with its extra keys.
Value event_value(const EventRow& row, const EventDetails* details);
// A map's members sorted bytewise; of equal keys the last.
std::vector<std::pair<std::string_view, const Value*>> sorted_members(const Value& map);

}  // namespace recentd::codec
