#pragma once

#include <string>

#include "codec/codec.hpp"

namespace recentd::codec {

// Writing trees of text and indexes the way YAML::Syck does, byte for byte (recentfile(5), YAML).

// Adds what follows `key:` or `-` for this value: the blank or line feed, and the lines of a nested block,
// whose keys or items stand at `indent`.
void append_yaml_value(std::string& out, const Value& value, std::size_t indent);
// Adds a whole `key: value` at that indent.
void append_yaml_member(std::string& out, const std::string& key, const Value& value, std::size_t indent);

Frame yaml_frame(const Meta& meta, bool any_events);
// Writes the frame around the events; an empty one for a part of a list.
std::unique_ptr<EventWriter> open_yaml_writer(Sink& sink, int protocol, Frame frame);

}  // namespace recentd::codec
