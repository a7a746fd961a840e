#pragma once

#include <memory>

#include "codec/codec.hpp"

namespace recentd::codec {

// As open_reader() for JSON: the structure is scanned once, then events are parsed by simdjson piece by
// piece, so that memory does not grow with the file.
std::unique_ptr<EventReader> open_json_reader(std::shared_ptr<const sys::Bytes> bytes, ReadOptions options);

}  // namespace recentd::codec
