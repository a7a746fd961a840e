#pragma once

#include <memory>

#include "codec/codec.hpp"

namespace recentd::codec {

// Writing the one line of Perl that the reference writes with Data::Dumper: no `$VAR1 =`, no blanks but
// around `=>`, no line end; keys sorted.
Frame dumper_frame(const Meta& meta);
// Writes the frame around the events; an empty one for a part of a list.
std::unique_ptr<EventWriter> open_dumper_writer(Sink& sink, Part part, Frame frame);

}  // namespace recentd::codec
