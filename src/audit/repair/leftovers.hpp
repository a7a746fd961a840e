#pragma once

#include <string>
#include <vector>

#include <recentd/clock.hpp>

#include "tree/tree.hpp"

namespace recentd::audit {

// What processes that died, or settings of old, left among a tree's index files: temporary files, locks,
// levels that are not in the chain.
struct Leftover {
  // temporary: by its name and what it is, it can only be ours. file: only its name says so.
  enum class What { temporary, lock, file } what;
  std::string name;    // in the root
  std::string detail;  // one line
  // Whether it is still the same, and nobody writes it.
  std::int64_t mtime_s = 0;
  std::uint32_t mtime_ns = 0;
  std::uint64_t size_bytes = 0, inode = 0;
  bool operator==(const Leftover&) const = default;
};

// Those of this tree, by name. What a living process may be at work on is none: judge those that two looks
// some seconds apart find alike.
std::vector<Leftover> find_leftovers(const TreeLayout& layout, Clock& clock);

// Takes away what is no file; those are to be moved to where they are kept. The caller holds the root's lock.
void clear(const TreeLayout& layout, const Leftover& leftover);

}  // namespace recentd::audit
