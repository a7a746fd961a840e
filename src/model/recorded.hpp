#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/event_list.hpp"

namespace recentd {

// What an origin recorded of a file in its event: the texts of the optional keys, empty where there are none.
// Views: of rows with EventRow::k_recorded into the file's bytes, of others into the list's details.
struct Recorded {
  std::string_view digest, mtime, size, link;
  [[nodiscard]] bool any() const noexcept {
    return !digest.empty() || !mtime.empty() || !size.empty() || !link.empty();
  }
};

// Of any row of the list, or of one whose storage it has adopted.
Recorded recorded_of(const EventList& events, const EventRow& row);

// Of a row with k_recorded, found in the text around its path: the epoch may have been changed since.
Recorded recorded_around(const EventRow& row) noexcept;
// The same as details, keys sorted.
EventDetails details_around(const EventRow& row);

// Whether a file is as it was recorded; unknown if that was not, or is no number of ours.
enum class Agreement : std::uint8_t { unknown, same, differs };
Agreement agrees_in_size(const Recorded& recorded, std::uint64_t size_bytes) noexcept;
// mtime in seconds since 1970 and nanoseconds.
Agreement agrees_in_time(const Recorded& recorded, std::int64_t mtime_s, std::uint32_t mtime_ns) noexcept;

// The time that was recorded, since 1970; nothing where none was, or it is beyond all files' times.
std::optional<std::chrono::nanoseconds> mtime_of(const Recorded& recorded) noexcept;

// The whole text of a record in the reference's spelling, from its dash to its last line feed.
// Precondition: k_verbatim.
std::string_view record_text(const EventRow& row) noexcept;

}  // namespace recentd
