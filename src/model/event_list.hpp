#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <recentd/event.hpp>

namespace recentd {

// One event as a view into memory that an EventList keeps alive: 40 bytes.
struct EventRow {
  EpochKey key;
  const char* epoch_text;
  const char* path_text;
  std::uint32_t path_bytes;
  std::uint16_t epoch_bytes;
  EventType type;
  std::uint8_t flags;

  static constexpr std::uint8_t k_plain = 1;    // the path can be written as a plain YAML scalar as it is
  static constexpr std::uint8_t k_details = 2;  // EventList::details() has more (extra keys, other type)
  // The whole record stands around the epoch's text as the reference spells it; whoever changes the row
  // clears this.
  static constexpr std::uint8_t k_verbatim = 4;
  // Some of `size`, `mtime` and `digest` stand around the path's text as our writer spells them: see
  // model/recorded.hpp. Whoever changes the row's meaning clears this; details() does not tell of it.
  static constexpr std::uint8_t k_recorded = 8;

  [[nodiscard]] EpochView epoch() const noexcept { return {key, {epoch_text, epoch_bytes}}; }
  [[nodiscard]] std::string_view path() const noexcept { return {path_text, path_bytes}; }
};
static_assert(sizeof(EventRow) == 40);

// What few events have: unknown keys (kept on rewrite) and the text of an unknown type.
struct EventDetails {
  std::string other_type;
  std::vector<std::pair<std::string, std::string>> extras;
};

// Memory for texts that are not in a file's bytes; addresses stay valid.
class TextArena {
 public:
  std::string_view store(std::string_view text);

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t used_ = 0, size_ = 0;
};

// Events, newest first, as views into buffers that the list shares ownership of. Rows may be moved between
// lists when the receiving list adopts the giving one's storage. Move-only.
class EventList {
 public:
  EventList() = default;
  EventList(EventList&&) = default;
  EventList& operator=(EventList&&) = default;

  std::vector<EventRow> rows;

  // Keeps `owner` alive as long as this list.
  void keep(std::shared_ptr<const void> owner) { owners_.push_back(std::move(owner)); }
  // Shares all storage (buffers, texts, details) of other, so that its rows may be copied into this list.
  void adopt(const EventList& other);
  // A row whose texts are copied into this list's own storage. The epoch must be a number.
  EventRow make_row(const EpochView& epoch, std::string_view path, EventType type);
  // As make_row(), but the path stays where it is, with an address of its own: it must outlive the row.
  EventRow make_row_over(const EpochView& epoch, std::string_view path, EventType type);
  // Copies text into this list's storage.
  std::string_view store(std::string_view text);

  // Details of a row with k_details; nullptr for others.
  [[nodiscard]] const EventDetails* details(const EventRow& row) const;
  void set_details(EventRow& row, EventDetails details);

  // The row as a value that owns its texts.
  [[nodiscard]] Event event(const EventRow& row) const;
  // Adds an event at the old end.
  void append(const Event& event);

 private:
  struct Storage {
    TextArena arena;
    std::unordered_map<const char*, EventDetails> details;  // by path_text, unique for each row
  };
  Storage& own();
  std::shared_ptr<Storage> own_;
  std::vector<std::shared_ptr<const Storage>> adopted_;
  std::vector<std::shared_ptr<const void>> owners_;
};

// Puts rows into descending order of epoch if they are not (stable). True if something had to move.
bool sort_newest_first(std::vector<EventRow>& rows);

}  // namespace recentd
