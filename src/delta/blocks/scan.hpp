#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "delta/blocks/signature.hpp"
#include "sys/file/bytes.hpp"
#include "transport/ranges.hpp"

namespace recentd::blocks {

// How a new version of a file is made: what the old one has of it, and what has to be fetched.
struct Plan {
  struct Copy {
    std::uint64_t to = 0, from = 0, bytes = 0;
  };
  std::vector<Copy> copies;                   // ascending by `to`
  std::vector<transport::ByteRange> missing;  // ascending; with the copies they are the whole file
  std::uint64_t missing_bytes = 0;
};

// Looks for the blocks of the new version in the old one, wherever they lie there. Blocks with equal sums are
// one, so that a repeated one is found for all its places. Nothing if `gives_up` says so, which is asked
// every few megabytes, or if the signature costs more than any honest one does. Memory is bounded by the
// signature's blocks, time by the old version's size.
std::optional<Plan> plan_blocks(const Signature& signature, const sys::Bytes& old,
                                const std::function<bool()>& gives_up = {});

// The ranges to ask for: those with fewer than so many bytes between them are joined, and nearer ones than
// that if there would be more than `count_max`. What lies between is fetched, too.
std::vector<transport::ByteRange> joined(const std::vector<transport::ByteRange>& missing,
                                         std::uint64_t gap_bytes, std::size_t count_max);

}  // namespace recentd::blocks
