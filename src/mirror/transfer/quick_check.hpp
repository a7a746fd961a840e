#pragma once

#include <cstdint>
#include <vector>

#include "mirror/transfer/batch.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::mirror {

// Which of the wanted items (places in `items`) name a regular file that is in the target with exactly the
// size and time that its event records, and with at most `largest` bytes (0: any): what rsync's quick check
// would find, without asking it. Many are looked at by two threads. Throws Error{io}.
std::vector<std::size_t> as_recorded(const std::vector<BatchItem>& items,
                                     const std::vector<std::size_t>& wanted, const sys::Dir& target,
                                     const Bookkeeping& bookkeeping, std::uint64_t largest);

}  // namespace recentd::mirror
