#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace recentd::zlib {

// The bytes in zlib's format (RFC 1950). Throws Error{internal} if the library cannot be used.
std::string deflated(std::string_view bytes);

// What was deflated to these bytes, if that is so many bytes, and no byte follows; nothing otherwise. Takes
// no more memory than that, whatever it is given.
std::optional<std::string> inflated(std::string_view deflated, std::size_t bytes);

}  // namespace recentd::zlib
