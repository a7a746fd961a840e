#pragma once

#include <vector>

#include "audit/audit.hpp"
#include "audit/level_audit.hpp"
#include "tree/tree.hpp"

namespace recentd::audit {

// Compares a tree with its source: the newest events and dirtymarks of the index files, which are fetched
// into a temporary directory, and the files themselves by what `rsync --dry-run` would do, or one by one over
// HTTP. Throws
// Error{transport, missing, io} if the source cannot be asked.
void check_source(const AuditOptions& options, const TreeLayout& layout,
                  const std::vector<LevelReading>& levels, Clock& clock, AuditReport& report);

}  // namespace recentd::audit
