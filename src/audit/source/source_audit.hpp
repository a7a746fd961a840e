#pragma once

#include "audit/audit.hpp"
#include "audit/tree_audit.hpp"
#include "tree/tree.hpp"

namespace recentd::audit {

// Compares a tree with its source: the newest events and dirtymarks of the index files, which are fetched
// into a temporary directory, and the files themselves by what `rsync --dry-run` would do, or one by one over
// HTTP. `tree` has run. Throws
// Error{transport, missing, io} if the source cannot be asked.
void check_source(const AuditOptions& options, const TreeLayout& layout, const TreeAudit& tree, Clock& clock,
                  AuditReport& report);

}  // namespace recentd::audit
