#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace recentd::delta {

// A delta as a file has it: deflated behind a line that tells its size, or as it is where that is no larger;
// recentfile(5), Deltas.
std::string packed(std::string delta);

// The delta of a file; nothing if that is cut or forged, or the delta has more than so many bytes. Takes no
// more memory than that.
std::optional<std::string> unpacked(std::string_view file, std::size_t bytes_max);

}  // namespace recentd::delta
