#pragma once

#include <optional>
#include <string>

#include <recentd/path.hpp>

#include "delta/blocks/signature.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::blocks {

// What is made of a file in one read of it.
struct Signed {
  Version version;
  std::string sums;  // as librsync writes them
};

// Nothing if it cannot be read, or is not, before and after, the version that `facts` tell of. Throws
// Error{missing} if there is no librsync, Error{io} for want of memory.
std::optional<Signed> sign(const sys::Dir& root, const RelPath& path, const sys::FileFacts& facts);

}  // namespace recentd::blocks
