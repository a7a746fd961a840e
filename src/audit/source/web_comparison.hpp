#pragma once

#include <set>
#include <string>

#include "audit/audit.hpp"
#include "tree/tree.hpp"

namespace recentd::audit {

// Compares a tree's files with those of a source that nobody can list, as web servers: the names that the
// source's index calls present, and those that ours does, are asked for one by one. Of files that no index
// names nothing is found out. What is in `other_trees`, directories below the root, does not count. Throws
// Error: transport, missing, corrupt, io.
void compare_over_web(const AuditOptions& options, const TreeLayout& layout,
                      const std::set<std::string>& other_trees, Clock& clock, Findings& findings);

}  // namespace recentd::audit
