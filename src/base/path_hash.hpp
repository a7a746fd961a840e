#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace recentd {

// What a hash depends on besides the path.
struct HashKeys {
  std::array<std::uint64_t, 4> words{};

  static HashKeys random();
};

// A hash of all bytes of a path. Who may choose names must not be able to make look-ups slow, or two paths
// seem one: every factor of its multiplications holds a key, so without the keys nobody can tell which names
// have equal hashes, nor which block makes a product 0 and what came before it forgotten.
std::uint64_t path_hash(std::string_view path, const HashKeys& keys) noexcept;
// Under keys that this process has drawn for itself: no value for a file, nor for another process.
std::uint64_t path_hash(std::string_view path) noexcept;
// The same for the standard library's tables that own their paths.
struct PathHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view path) const noexcept { return path_hash(path); }
};

}  // namespace recentd
