#pragma once

#include <cstddef>

namespace recentd::sys {

// Zeroed memory for a table in which look-ups go everywhere; if it is large, in huge pages where the kernel
// has some: with small ones each look-up would miss the processor's page cache, too. Given back with
// std::free(). Throws std::bad_alloc.
void* zeroed_table(std::size_t bytes);

}  // namespace recentd::sys
