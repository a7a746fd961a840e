#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <recentd/origin.hpp>

#include "tree/tree.hpp"

namespace recentd::audit {

// Putting a set of index files right: levels that are broken, lost, untidy, or do not join. What is replaced
// because it cannot be read is moved to the state place.

struct SetRepairOptions {
  WriterOptions writer;
  std::string state_directory;  // empty: the default place
  // A directory with index files fetched from a mirror; they replace what is broken or lost here, and what
  // they know better. Empty: none.
  std::string fetched;
  PathFilter filter = {};  // files that it does not want are not indexed
};

struct SetRepair {
  std::vector<std::string> lines;  // what was done, or would be
  std::string kept_in;             // where broken files went
  // Changes on disk since then may be in no level; seconds since 1970.
  std::optional<std::int64_t> lost_since_s;
  // The newest event may be older than one that mirrors have seen.
  bool rewound = false;
  // Levels had to be joined; a principal may not tell any more what went upward.
  bool joined = false;
};

// Takes the locks of the tree and its levels. Throws Error: locked, io, refused (a mirror's target; fetched
// files of another dirtymark than a principal that is whole here), corrupt (fetched files that are broken).
SetRepair repair_set(const TreeLayout& layout, const SetRepairOptions& options, Clock& clock);

}  // namespace recentd::audit
