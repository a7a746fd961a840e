#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recentd/epoch.hpp>

namespace recentd {

// What happened to a path. `other` stands for any text but the two; such events are kept by writers and
// skipped by mirrors.
enum class EventType : std::uint8_t { new_, delete_, other };

// "new" or "delete"; "other" for the rest.
std::string_view to_string(EventType type) noexcept;
// Exact words only.
EventType parse_event_type(std::string_view text) noexcept;

// One record of an index file: at `epoch` the file `path` was registered as present or gone.
// Value type that owns its strings; `path` is bytes as read, not yet checked.
struct Event {
  Epoch epoch;
  std::string path;
  EventType type = EventType::new_;
  std::string other_type;                                   // the text if type is other
  std::vector<std::pair<std::string, std::string>> extras;  // unknown keys, in file order
};

}  // namespace recentd
