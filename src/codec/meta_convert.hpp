#pragma once

#include <string_view>

#include "codec/failure.hpp"
#include "model/meta.hpp"
#include "model/value.hpp"

namespace recentd::codec {

// Between Meta and the tree of text that a file holds. Pure functions.

// The meta part from its map. A missing or newer protocol, or a known key with a value of the wrong shape:
// Error{corrupt} that names `place`.
Meta meta_from_value(const Value& value, Place place);

// The map of a meta part, keys sorted bytewise.
Value meta_to_value(const Meta& meta);

// True for null, and for a text that YAML takes for it if it is not quoted; how it was spelled is not known.
bool is_no_value(const Value& value) noexcept;

// True if the producers name the Perl module or recentd: programs that spell bytes, not code points.
bool producers_write_bytes(const Value& producers) noexcept;
// True if they name the Perl module.
bool producers_name_perl(const Value& producers) noexcept;

}  // namespace recentd::codec
