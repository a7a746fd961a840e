#pragma once

#include <cstdlib>

namespace recentd::test {

// Where a walk over all points at which something may fail goes on from one to the next: at each with
// RECENTD_LONG set, else at every third. Walks of two kinds begin at different points (1, 2), so that
// together they leave few out.
inline int next_point() {
  return std::getenv("RECENTD_LONG") != nullptr ? 1 : 3;
}

}  // namespace recentd::test
