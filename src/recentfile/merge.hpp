#pragma once

#include <functional>
#include <optional>

#include <recentd/interval.hpp>

#include "recentfile/store.hpp"

namespace recentd {

// Merging ONE level into the next larger one (recentfile(5), Merge of S into T).

struct MergeOptions {
  bool keep_deletes = false;  // keep_delete_objects_forever: deletes stay in Z
  bool force = false;         // write although the target's meta part disagrees with its file's name
  bool decide_only = false;   // find out whether there is anything to merge, write nothing
};

struct MergeResult {
  bool changed = false;     // both files were written (or would be)
  std::size_t carried = 0;  // events that came from the source
  std::size_t dropped = 0;  // events of the target that were superseded or truncated
};

// Reads source (already in memory) and target, writes both if there is anything to merge; the caller holds
// both locks. The target is streamed: memory does not grow with it beyond a table of path hashes. A missing
// target is created with the source's settings, never an empty one. Precondition: target's interval is
// strictly longer, else Error{usage}. A broken target is Error{corrupt}, and both files stay as they are.
MergeResult merge_level(LevelContent& source, const LevelFile& source_file, const Interval& source_interval,
                        const LevelFile& target_file, const Interval& target_interval,
                        const MergeOptions& options, const StorePolicy& policy, Clock& clock);

// The two levels of a merge; all must outlive it.
struct MergePair {
  const LevelFile& source_file;
  const Interval& source_interval;
  const LevelFile& target_file;
  const Interval& target_interval;
};

// As merge_level(), but reads the source itself; one that is large (see is_large()) is streamed. `prepare`
// changes the source's meta part before anything else, or throws. Nothing if there is no source.
using PrepareMeta = std::function<void(Meta&)>;
std::optional<MergeResult> merge_files(const MergePair& pair, const PrepareMeta& prepare,
                                       const MergeOptions& options, const StorePolicy& policy, Clock& clock);

// The same of a source of any size, in the memory of merge_streamed.hpp; the files come out byte for byte as
// those of merge_level(). Nothing, and nothing was written, if the source's events do not descend.
std::optional<MergeResult> merge_streamed(const MergePair& pair, const OpenLevel& source,
                                          const PrepareMeta& prepare, const MergeOptions& options,
                                          const StorePolicy& policy, Clock& clock);

}  // namespace recentd
