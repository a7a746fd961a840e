#pragma once

#include <string>

#include "audit/repair/repair.hpp"
#include "cli/options.hpp"

namespace recentd::cli {

// What `recentd fsck` was asked for.
struct FsckWish {
  enum class Repair { none, index, disk } repair = Repair::none;
  std::string source;  // --from or --upstream
  audit::RepairOptions options;
  std::uint64_t shown_max = 100;  // findings of each kind
  bool json = false;
  bool verbose = false;
};

// Throws Error{usage} for what does not go together.
FsckWish fsck_wish(const Arguments& arguments);

}  // namespace recentd::cli
