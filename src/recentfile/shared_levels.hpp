#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <recentd/clock.hpp>

#include "recentfile/store.hpp"

namespace recentd {

// Writing several levels at once whose events are the newest of ONE list: what they share is encoded once, in
// pieces, and each piece goes to all files that want it, on several processors.

// Walks over a list of events.
class EventCursor {
 public:
  virtual ~EventCursor() = default;
  // The next event, nullptr at the end; it and its texts live until the next call.
  virtual const EventRow* next() = 0;
  // What the row that came last has beside, if it has k_details.
  [[nodiscard]] virtual const EventDetails* details() const noexcept = 0;
};

// A list of events, newest first, that is made while it is read. Cursors are used by several threads, each by
// one; the list must not change meanwhile.
class EventSource {
 public:
  virtual ~EventSource() = default;
  [[nodiscard]] virtual std::size_t size() const noexcept = 0;
  // The epoch of the event with that place, counted from the newest on.
  [[nodiscard]] virtual Epoch epoch_of(std::size_t place) const = 0;
  // A cursor whose first event is that with this place.
  [[nodiscard]] virtual std::unique_ptr<EventCursor> from(std::size_t place) const = 0;
};

struct SharedLevel {
  LevelFile file;
  Meta meta;
  std::size_t events = 0;  // the newest so many
};

// Writes each level as write_level() does; a level may take its place before another is begun, but the last
// one does not before all others have. All have one format, one protocol and one JSON spelling. An event out
// of order is Error{internal}; after an error no further level takes its place.
void write_shared_levels(std::vector<SharedLevel> levels, const EventSource& events,
                         const StorePolicy& policy, Clock& clock);

}  // namespace recentd
