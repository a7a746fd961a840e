#pragma once

#include "sys/path_table.hpp"

namespace recentd::mirror {

// The paths that newer events have already named, while levels are read from small to large and events from
// new to old. The texts belong to the index copies, which must stay open.
using SeenPaths = sys::PathSet;

}  // namespace recentd::mirror
