#pragma once

#include <sys/stat.h>

#include "sys/tree/dir.hpp"

namespace recentd::sys {

// What matters to us of a struct stat.
FileFacts facts_of(const struct stat& facts) noexcept;

}  // namespace recentd::sys
