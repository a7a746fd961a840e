#pragma once

#include <cstdint>

#include "sys/tree/dir.hpp"
#include "transport/transport.hpp"

namespace recentd::mirror {

// Fetches into the target. What lies behind a link that the operator made in a directory's place comes by a
// call of its own, straight to where the link leads, so that rsync follows none: recentd-mirror(7), Links for
// directories. The first call that breaks is the last. Adds the number of calls to `connections`.
transport::FetchResult fetch_into(const sys::Dir& target, transport::Transport& transport,
                                  const transport::FetchRequest& request, std::uint64_t& connections);

}  // namespace recentd::mirror
