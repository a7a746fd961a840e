#pragma once

#include <memory>

#include "codec/codec.hpp"

namespace recentd::codec {

// Writing the one line of Perl that the reference writes with Data::Dumper: no `$VAR1 =`, no blanks but
// around `=>`, no line end; keys sorted.
std::unique_ptr<EventWriter> open_dumper_writer(Sink& sink, const Meta& meta);

}  // namespace recentd::codec
