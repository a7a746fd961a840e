#include "codec/top_level.hpp"

#include "codec/meta_convert.hpp"

namespace recentd::codec {

std::map<std::string, Value> top_level_of(const Meta& meta) {
  auto top = meta.top_level;
  top.insert_or_assign("meta", meta_to_value(meta));
  top.erase("recent");
  return top;
}

Value type_value(const EventRow& row, const EventDetails* details) {
  if (row.type != EventType::other) return Value::scalar(std::string(to_string(row.type)));
  if (details == nullptr || details->other_type.empty()) return {};
  return Value::scalar(details->other_type);
}

Value event_value(const EventRow& row, const EventDetails* details) {
  std::vector<std::pair<std::string, Value>> members;
  if (details != nullptr) {
    for (const auto& [key, text] : details->extras) members.emplace_back(key, Value::scalar(text));
  }
  members.emplace_back("epoch", Value::scalar(std::string(row.epoch().text)));
  members.emplace_back("path", Value::scalar(std::string(row.path())));
  members.emplace_back("type", type_value(row, details));
  return Value::map(std::move(members));
}

std::vector<std::pair<std::string_view, const Value*>> sorted_members(const Value& map) {
  std::map<std::string_view, const Value*> sorted;
  for (const auto& [key, value] : map.members) sorted.insert_or_assign(key, &value);
  return {sorted.begin(), sorted.end()};
}

}  // namespace recentd::codec
