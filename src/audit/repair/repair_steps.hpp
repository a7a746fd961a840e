#pragma once

#include "audit/repair/repair.hpp"

namespace recentd::audit {

// What the repairs have in common.

void tell(const RepairOptions& options, RepairAction::What what, const std::string& text);

// The directory that a tree is named by, whether or not it has an index.
std::string root_of(const std::string& tree);

// Throws Error{refused} if so many are too many.
void guard_deletes(const RepairOptions& options, std::uint64_t deletes, const FsckReport& report);

// Takes away what dead processes left; files are moved to the state place.
void clear_leftovers(const RepairOptions& options, const FsckReport& report, Clock& clock);

// What is wrong still.
FsckReport check_again(const RepairOptions& options, Clock& clock);

}  // namespace recentd::audit
