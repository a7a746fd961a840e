#pragma once

#include <memory>

#include "codec/codec.hpp"

namespace recentd::codec {

// As open_reader() for Perl's Storable: the image is walked once to see that it is whole and where its parts
// are, then its events are made into rows.
std::unique_ptr<EventReader> open_storable_reader(std::shared_ptr<const sys::Bytes> bytes,
                                                  ReadOptions options);

}  // namespace recentd::codec
