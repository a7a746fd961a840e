#pragma once

#include <string_view>
#include <vector>

#include "codec/codec.hpp"

namespace recentd::codec {

// Any valid YAML, through the general parser, all at once: what the block scanner leaves over.
struct GeneralIndex {
  Meta meta;
  std::vector<EventRow> rows;  // texts are in the storage given
};

// Reads the whole text, which is of the source, leaving out the first `skip_events` events (told already).
// Rows' texts go to storage. Throws Error{corrupt}; offsets are counted from the text's begin.
GeneralIndex read_general(const sys::Bytes& source, std::string_view text, std::size_t skip_events,
                          EventList& storage, const ReadOptions& options);

}  // namespace recentd::codec
