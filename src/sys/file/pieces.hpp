#pragma once

#include <functional>
#include <string_view>

#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"

namespace recentd::sys {

// Hands the content of a regular file below the root to `take`, piece by piece, following no link. False,
// maybe after some pieces, if it cannot be read or is not, when it was read, the version that `version` tells
// of. Throws what `take` throws.
bool read_version(const Dir& root, const RelPath& path, const FileFacts& version,
                  const std::function<void(std::string_view)>& take);

}  // namespace recentd::sys
