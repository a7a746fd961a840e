#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include <recentd/epoch.hpp>

#include "model/event_list.hpp"
#include "sys/path_table.hpp"

namespace recentd::audit {

// The newest event of a path.
struct NewestEvent {
  const char* epoch_text = nullptr;
  std::uint16_t epoch_bytes = 0;
  EventType type = EventType::new_;
  std::uint8_t level = 0;       // the smallest that names it
  std::uint8_t last_level = 0;  // the largest so far
  std::uint8_t seen = 0;        // set by see()
  std::uint8_t keys = 0;        // EventRow's flags that tell of more keys

  [[nodiscard]] EpochView epoch() const noexcept {
    return EpochView::parse({epoch_text, epoch_bytes}).value_or(EpochView{});
  }
  // That it was found on disk; from any thread.
  void see() noexcept { std::atomic_ref(seen).store(1, std::memory_order_relaxed); }
};

// What an index set says of each path: its newest event, as the levels are read from small to large and
// their events from new to old. 32 bytes a slot; the texts belong to the index files' readers, which must
// stay open. One thread fills it; after that any number may find() and see() at once.
class NewestEvents : public sys::PathTable<NewestEvent> {
 public:
  enum class Named : std::uint8_t {
    first,   // by no level so far
    before,  // by a smaller one
    again,   // by this very level
  };
  // Notes an event; an older one of a path that is known changes nothing.
  Named add(const EventRow& row, std::uint8_t level) { return add(row, level, hash(row.path())); }
  Named add(const EventRow& row, std::uint8_t level, Hash hash) {
    const auto keys = static_cast<std::uint8_t>(row.flags & (EventRow::k_recorded | EventRow::k_details));
    const auto [entry, fresh] =
        insert(row.path(), hash, {row.epoch_text, row.epoch_bytes, row.type, level, level, 0, keys});
    if (fresh) return Named::first;
    const bool again = entry->value.last_level == level;
    entry->value.last_level = level;
    return again ? Named::again : Named::before;
  }
};
static_assert(sizeof(NewestEvents::Entry) == 32);

}  // namespace recentd::audit
