#pragma once

#include <optional>
#include <string>

#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"

namespace recentd::sodium {

// What the event key `digest` says of a file: `blake2b-256:` and 64 hexadecimal digits. Nothing if it cannot
// be read, is no regular file, or is not, before and after, the version that `version` tells of.
std::optional<std::string> file_digest(const sys::Dir& root, const RelPath& path,
                                       const sys::FileFacts& version);
// The same of whatever is there now.
std::optional<std::string> file_digest(const sys::Dir& root, const RelPath& path);

}  // namespace recentd::sodium
