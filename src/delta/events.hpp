#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <recentd/epoch.hpp>

namespace recentd::delta {

// The events of an index file as stretches of its text, whatever its format: what stands between two
// separators.

// So much is looked at in one go; no event is longer than a quarter of it.
constexpr std::size_t k_stretch = std::size_t{4} << 20;

// The text up to the first event's end, behind the separator; or all of it.
inline std::string_view first_event(std::string_view text, std::string_view separator) {
  const auto end = text.substr(0, k_stretch).find(separator);
  return end == std::string_view::npos ? text : text.substr(0, end + separator.size());
}

// The epoch of an event, as any of the formats spells it; for the order alone.
std::optional<EpochView> epoch_in(std::string_view event);

// An index file whose events another one refers to.
struct Smaller {
  std::string_view text = {}, separator = {};
};

// Goes through such a file's events, from the newest on, and never back; each is looked at once.
class EventCursor {
 public:
  explicit EventCursor(const Smaller& smaller);

  // What the file has from the event of that epoch on; empty if it has no such event, or it is passed.
  std::string_view from(const EpochView& epoch);

 private:
  void next();

  std::string_view rest_, separator_;
  std::size_t event_bytes_ = 0;  // of the first one in the rest
  std::optional<EpochView> epoch_;
};

}  // namespace recentd::delta
