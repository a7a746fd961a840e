#pragma once

#include <memory>
#include <string>

#include "codec/codec.hpp"

namespace recentd::codec {

// Writing JSON: one line, keys sorted, epochs as strings, LF at the end.

std::unique_ptr<EventWriter> open_json_writer(Sink& sink, const Meta& meta, bool any_events,
                                              const WriteOptions& options);

// A value as JSON text, strings as UTF-8.
std::string encode_json_value(const Value& value);

}  // namespace recentd::codec
