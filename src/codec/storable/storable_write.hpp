#pragma once

#include <memory>

#include "codec/codec.hpp"

namespace recentd::codec {

// Writing the portable image that Storable's nfreeze() makes, as the reference does; keys sorted, epochs as
// texts.
Frame storable_frame(const Meta& meta, std::size_t events);
std::unique_ptr<EventWriter> open_storable_writer(Sink& sink, const Meta& meta);
// Writes events alone, and keeps none.
std::unique_ptr<EventWriter> open_storable_part_writer(Sink& sink);

}  // namespace recentd::codec
