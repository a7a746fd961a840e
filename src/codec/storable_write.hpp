#pragma once

#include <memory>

#include "codec/codec.hpp"

namespace recentd::codec {

// Writing the portable image that Storable's nfreeze() makes, as the reference does; keys sorted, epochs as
// texts.
std::unique_ptr<EventWriter> open_storable_writer(Sink& sink, const Meta& meta);

}  // namespace recentd::codec
