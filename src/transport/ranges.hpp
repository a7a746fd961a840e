#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd::transport {

// Some bytes of a file.
struct ByteRange {
  std::uint64_t from = 0, bytes = 0;
  bool operator==(const ByteRange&) const = default;
};

// Parts of one version of one file that are wanted, for transports that would else send it as a whole.
struct RangesRequest {
  std::string name = {};                     // relative to the source
  std::uint64_t total_bytes = 0;             // that the file has to have
  std::optional<std::int64_t> mtime_s = {};  // and its time, where the other side tells it
  std::vector<ByteRange> ranges = {};        // ascending, none of them empty, none touching another
  std::uint64_t bytes_per_s = 0;             // limit; 0: none
  std::optional<std::chrono::nanoseconds> time_limit = {};  // nothing: the transport's own
  // Is given the bytes as they come, in pieces, of several ranges at once. Throws Error{io}, which comes out.
  std::function<void(std::uint64_t from, std::string_view bytes)> take = {};
};

}  // namespace recentd::transport
