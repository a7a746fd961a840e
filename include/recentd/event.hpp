#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recentd/epoch.hpp>

namespace recentd {

// What happened to a path. `other` stands for any text but the two; such events are kept by writers and
// passed over by mirrors, see recentd-mirror(7), Skipped paths.
enum class EventType : std::uint8_t {
  new_,     // the file came, or its content changed
  delete_,  // the file, or a directory of that name, is gone
  other,    // whatever it is, it is no business of ours
};

// "new" or "delete"; "other" for the rest.
std::string_view to_string(EventType type) noexcept;
// Exact words only: "New" is `other`.
EventType parse_event_type(std::string_view text) noexcept;

// One record of an index file: at `epoch` the file `path` was registered as present or gone; see
// recentfile(5), Events. Of several events of a path the newest counts. Value type that owns its strings.
struct Event {
  Epoch epoch;            // of the registration, not the file's time
  std::string path = {};  // bytes as read, relative to the root; not checked, see RelPath
  EventType type = EventType::new_;
  std::string other_type = {};  // the text if type is other
  // Further keys in the file's order, such as size, mtime and digest where an origin records them.
  std::vector<std::pair<std::string, std::string>> extras = {};
};

}  // namespace recentd
