#pragma once

#include <optional>
#include <string>

namespace recentd::cli {

// What names one index set to the library's reading functions, for a ROOT and a --filenameroot. Throws
// Error{missing, usage, corrupt}.
std::string tree_name(const std::string& root, const std::optional<std::string>& filenameroot);

}  // namespace recentd::cli
