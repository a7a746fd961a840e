#include <recentd/event.hpp>

namespace recentd {

std::string_view to_string(EventType type) noexcept {
  switch (type) {
    case EventType::new_:
      return "new";
    case EventType::delete_:
      return "delete";
    case EventType::other:
      break;
  }
  return "other";
}

EventType parse_event_type(std::string_view text) noexcept {
  if (text == "new") return EventType::new_;
  return text == "delete" ? EventType::delete_ : EventType::other;
}

}  // namespace recentd
