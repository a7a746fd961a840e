#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>
#include <vector>

#include <recentd/epoch.hpp>

#include "model/event_list.hpp"

namespace recentd::audit {

// What an index set says of each path: its newest event, as the levels are read from small to large and
// their events from new to old. Exact: equal hashes are settled by the bytes. Keeps views only, 32 bytes a
// slot; the texts belong to the index files' readers, which must stay open. One thread fills it; after that
// any number may find() and see() at once.
class PathTable {
 public:
  struct Entry {
    const char* path_text = nullptr;
    const char* epoch_text = nullptr;
    std::uint32_t hash = 0;
    std::uint16_t path_bytes = 0;
    std::uint16_t epoch_bytes = 0;
    EventType type = EventType::new_;
    std::uint8_t level = 0;       // the smallest that names it
    std::uint8_t last_level = 0;  // the largest so far
    std::uint8_t seen = 0;        // set by see()
    std::uint8_t keys = 0;        // EventRow's flags that tell of more keys

    [[nodiscard]] std::string_view path() const noexcept { return {path_text, path_bytes}; }
    [[nodiscard]] EpochView epoch() const noexcept {
      return EpochView::parse({epoch_text, epoch_bytes}).value_or(EpochView{});
    }
    // That it was found on disk; from any thread.
    void see() noexcept { std::atomic_ref(seen).store(1, std::memory_order_relaxed); }
  };

  PathTable() : slots_(1024) {}

  enum class Named : std::uint8_t {
    first,   // by no level so far
    before,  // by a smaller one
    again,   // by this very level
  };
  // Notes an event; an older one of a path that is known changes nothing. Precondition: a path of at most
  // 65,535 bytes.
  Named add(const EventRow& row, std::uint8_t level) { return add(row, level, hash_of(row.path())); }
  Named add(const EventRow& row, std::uint8_t level, std::uint32_t hash) {
    if ((used_ + 1) * 4 > slots_.size() * 3) grow();
    Entry& entry = slot_of(row.path(), hash);
    if (entry.path_text != nullptr) {
      const bool again = entry.last_level == level;
      entry.last_level = level;
      return again ? Named::again : Named::before;
    }
    entry = {row.path_text,
             row.epoch_text,
             hash,
             static_cast<std::uint16_t>(row.path_bytes),
             row.epoch_bytes,
             row.type,
             level,
             level,
             0,
             static_cast<std::uint8_t>(row.flags & (EventRow::k_recorded | EventRow::k_details))};
    ++used_;
    return Named::first;
  }

  // Nothing (nullptr) if no event names the path.
  [[nodiscard]] Entry* find(std::string_view path) noexcept { return find(path, hash_of(path)); }
  [[nodiscard]] Entry* find(std::string_view path, std::uint32_t hash) noexcept {
    Entry& entry = slot_of(path, hash);
    return entry.path_text != nullptr ? &entry : nullptr;
  }

  // For those who look up many paths: memory is waited for once, not once for each. First prefetch() some,
  // then prefetch_text() the same ones, then ask with their hashes.
  static std::uint32_t hash_of(std::string_view path) noexcept {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(path) >> 7);
  }
  void prefetch(std::uint32_t hash) const noexcept {
    __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  void prefetch_text(std::uint32_t hash) const noexcept {
    const Entry& entry = slots_[hash & (slots_.size() - 1)];
    if (entry.hash == hash) __builtin_prefetch(entry.path_text);
  }

  // Calls `each` with every entry, in no order.
  template <class Each>
  void for_each(Each each) const {
    for (const Entry& entry : slots_)
      if (entry.path_text != nullptr) each(entry);
  }
  [[nodiscard]] std::size_t size() const noexcept { return used_; }

 private:
  Entry& slot_of(std::string_view path, std::uint32_t hash) noexcept {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
      Entry& slot = slots_[i];
      if (slot.path_text == nullptr) return slot;
      if (slot.hash == hash && slot.path_bytes == path.size() &&
          std::memcmp(slot.path_text, path.data(), path.size()) == 0)
        return slot;
    }
  }

  void grow() {
    std::vector<Entry> old(slots_.size() * 2);
    old.swap(slots_);
    const std::size_t mask = slots_.size() - 1;
    for (const Entry& entry : old) {
      if (entry.path_text == nullptr) continue;
      std::size_t i = entry.hash & mask;
      while (slots_[i].path_text != nullptr) i = (i + 1) & mask;
      slots_[i] = entry;
    }
  }

  std::vector<Entry> slots_;
  std::size_t used_ = 0;
};
static_assert(sizeof(PathTable::Entry) == 32);

}  // namespace recentd::audit
