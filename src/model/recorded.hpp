#pragma once

#include <string_view>

#include "model/event_list.hpp"

namespace recentd {

// What an origin recorded of a file in its event: the texts of the optional keys, empty where there are none.
// Views: of rows with EventRow::k_recorded into the file's bytes, of others into the list's details.
struct Recorded {
  std::string_view digest, mtime, size;
  [[nodiscard]] bool any() const noexcept { return !digest.empty() || !mtime.empty() || !size.empty(); }
};

// Of any row of the list, or of one whose storage it has adopted.
Recorded recorded_of(const EventList& events, const EventRow& row);

// Of a row with k_recorded, found in the text around its path: the epoch may have been changed since.
Recorded recorded_around(const EventRow& row) noexcept;
// The same as details, keys sorted.
EventDetails details_around(const EventRow& row);

// The whole text of a record in the reference's spelling, from its dash to its last line feed.
// Precondition: k_verbatim.
std::string_view record_text(const EventRow& row) noexcept;

}  // namespace recentd
