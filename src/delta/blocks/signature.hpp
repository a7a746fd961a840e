#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace recentd::blocks {

// The signature of a large file: which version of which file it is of, and sums of its blocks, so that
// whoever has another version needs only what is new; recentfile(5), SIGNATURES OF LARGE FILES. Pure; what is
// read is whatever somebody far away has written.

// Blocks of a file, at most: what a reader's memory is bounded by.
constexpr std::size_t k_blocks_max = std::size_t{1} << 18;
constexpr std::size_t k_block_bytes_min = 128, k_block_bytes_max = std::size_t{1} << 20;
// Larger files have none.
constexpr std::uint64_t k_file_bytes_max = std::uint64_t{k_blocks_max} * k_block_bytes_max;
// A signature has no more.
constexpr std::uint64_t k_signature_bytes_max = std::uint64_t{10} << 20;
// What our own ones have of each block's strong sum.
constexpr std::size_t k_strong_bytes = 8;

struct Version {
  std::string path;  // of the file, relative to the root
  std::uint64_t bytes = 0;
  std::int64_t mtime_s = 0;
  std::uint32_t mtime_ns = 0;
  std::string digest;  // BLAKE2b-256 of its content in 64 hexadecimal digits
  // No event of the path up to here tells of content that came later; empty: nothing is known of events.
  std::string epoch;
};

// How large blocks of a file with so many bytes are best: a file that changed in some hundred places then
// costs about as much for sums as for blocks.
std::size_t block_bytes_for(std::uint64_t bytes);

// What stands in front of librsync's bytes, which the caller puts behind it.
std::string head_text(const Version& version, std::uint64_t sums_bytes);

struct Signature {
  Version version;
  std::size_t block_bytes = 0, strong_bytes = 0;
  std::size_t blocks = 0;
  std::string_view sums;         // of each block the weak and the strong sum, in the parsed text
  std::string_view of_librsync;  // these with what stands in front of them

  [[nodiscard]] std::uint32_t weak(std::size_t i) const noexcept;
  [[nodiscard]] std::string_view strong(std::size_t i) const noexcept;
  [[nodiscard]] std::uint64_t from(std::size_t i) const noexcept {
    return static_cast<std::uint64_t>(i) * block_bytes;
  }
  // Of the last one fewer than of the others, perhaps.
  [[nodiscard]] std::size_t bytes_of(std::size_t i) const noexcept;
};

// Nothing unless it is one, of bounded size, and of a file of the size that it tells. The text must outlive
// the signature.
std::optional<Signature> parse_signature(std::string_view text);
// Of its beginning alone, for who wants to know of which version it is.
std::optional<Version> parse_head(std::string_view text);

}  // namespace recentd::blocks
