#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include <recentd/path.hpp>

#include "sys/file/bytes.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::sys {

// Hands the content of a regular file below the root to `take`, piece by piece, following no link. False,
// maybe after some pieces, if it cannot be read or is not, when it was read, the version that `version` tells
// of. Throws what `take` throws.
bool read_version(const Dir& root, const RelPath& path, const FileFacts& version,
                  const std::function<void(std::string_view)>& take);

// A regular file below the root, open for reading, following no link; not valid if there is none, or none
// that can be opened. Throws Error{io}.
Fd open_below(const Dir& root, const RelPath& path);
// Its content, as read_file() gives it; nothing if there is none. Throws Error{io}.
std::shared_ptr<const Bytes> read_below(const Dir& root, const RelPath& path);

}  // namespace recentd::sys
