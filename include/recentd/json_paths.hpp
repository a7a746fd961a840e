#pragma once

#include <cstdint>

namespace recentd {

// How a `.json` index spells paths, which are bytes, in text; see recentfile(5), JSON. Readers take both, as
// the file says itself which one it has; indexes of other formats have no such choice.
enum class JsonPaths : std::uint8_t {
  bytes,  // each byte above 0x7F as the code point of that number: what Perl's programs write and read
  utf8,   // as text, bytes that are no UTF-8 as lone surrogates: for sets that no Perl program reads
};

}  // namespace recentd
