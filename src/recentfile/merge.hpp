#pragma once

#include "recentfile/store.hpp"

#include <recentd/interval.hpp>

namespace recentd {

// Merging ONE level into the next larger one (SPEC 7.2; fixes W1, W15, W17).

struct MergeOptions {
  bool keep_deletes = false;  // keep_delete_objects_forever: deletes stay in Z
};

struct MergeResult {
  bool changed = false;          // both files were written
  std::size_t carried = 0;       // events that came from the source
  std::size_t dropped = 0;       // events of the target that were superseded or truncated
};

// Reads source (already in memory) and target, writes both if there is anything to merge; the caller holds both
// locks. The target is streamed: memory does not grow with it beyond a table of path hashes.
// A missing target is created with the source's settings. Precondition: target's interval is strictly longer, else
// Error{usage}.
MergeResult merge_level(Level& source, const LevelFile& source_file, const Interval& source_interval,
                        const LevelFile& target_file, const Interval& target_interval, const MergeOptions& options,
                        const StorePolicy& policy, Clock& clock);

}  // namespace recentd
