#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace recentd::librsync {

// Makes a signature as librsync writes it, of Rabin-Karp and BLAKE2 sums, of content that comes in pieces.
// Nothing that came from elsewhere is ever given to the library: it ends the process at what it does not
// expect. Not for use from two threads.
class BlockSums {
 public:
  // Both more than 0; at most 32 bytes of a strong sum. Throws Error{missing} if there is no librsync,
  // Error{io} for want of memory.
  BlockSums(std::size_t block_bytes, std::size_t strong_bytes);
  ~BlockSums();
  BlockSums(const BlockSums&) = delete;
  BlockSums& operator=(const BlockSums&) = delete;

  // Throws Error{io}.
  void update(std::string_view bytes);
  // All of it, from its magic number on; ends the object's use. Throws Error{io}.
  std::string finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace recentd::librsync
