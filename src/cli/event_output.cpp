#include "cli/event_output.hpp"

#include "base/text.hpp"
#include "base/utc.hpp"
#include "cli/json_output.hpp"

namespace recentd::cli {

namespace {

constexpr std::int64_t k_year_10000_s = 253402300800;
constexpr std::uint64_t k_fractions_per_us = 2'000'000'000'000;  // of EpochKey: 18 digits, times two
constexpr std::size_t k_type_width = 6;

std::string type_of(const Event& event) {
  return event.type == EventType::other ? event.other_type : std::string(to_string(event.type));
}

}  // namespace

Option utc_option() {
  return {"utc", nullptr, "times in UTC, not in this machine's zone"};
}

Zone zone_of(const Arguments& arguments) {
  return arguments.has("utc") ? Zone::utc : Zone::local;
}

std::string time_text(const EpochView& epoch, Zone zone) {
  if (epoch.key.seconds < 0 || epoch.key.seconds >= k_year_10000_s) return escaped(epoch.text);
  const auto us = static_cast<std::int64_t>(epoch.key.fraction / k_fractions_per_us);
  const Utc time(std::chrono::seconds(epoch.key.seconds) + std::chrono::microseconds(us));
  return zone == Zone::utc ? utc_text(time) : local_text(time);
}

std::string event_line(const Event& event, Zone zone) {
  std::string type = escaped(type_of(event));
  if (type.size() < k_type_width) type.resize(k_type_width, ' ');
  return cat(time_text(event.epoch, zone), ' ', type, ' ', escaped(event.path));
}

std::string event_json(const Event& event) {
  JsonObject object;
  object.text("epoch", event.epoch.text())
      .text("time", time_text(event.epoch))
      .name("type", type_of(event))
      .name("path", event.path);
  for (const auto& [key, value] : event.extras) object.name(escaped(key), value);
  return object.str();
}

}  // namespace recentd::cli
