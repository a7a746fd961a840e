#pragma once

#include <memory>
#include <string>

#include "codec/codec.hpp"

namespace recentd::codec {

// Writing JSON: one line, keys sorted, epochs as strings, LF at the end.

Frame json_frame(const Meta& meta, const WriteOptions& options);
// Writes the frame around the events; an empty one for a part of a list.
std::unique_ptr<EventWriter> open_json_writer(Sink& sink, int protocol, Part part,
                                              const WriteOptions& options, Frame frame);

// A value as JSON text, strings as UTF-8.
std::string encode_json_value(const Value& value);

}  // namespace recentd::codec
