#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sys/tree/dir.hpp"
#include "transport/transport.hpp"

namespace recentd::transport {

// Of the names of a transfer, the regular files that have other names, too.
struct LinkedNames {
  std::vector<std::size_t> places;  // in the request
  std::uint64_t bytes = 0;          // all together
};
// Throws Error{io}.
LinkedNames linked_names(const sys::Dir& destination, const std::vector<std::string>& names);

// The same request for some of its names. Pure.
FetchRequest part_of(const FetchRequest& request, const std::vector<std::size_t>& places);

}  // namespace recentd::transport
