#pragma once

#include <optional>
#include <string>

#include "recentfile/store.hpp"

namespace recentd {

// The principal's file that a directory, a `.recent` link (or a regular file in its place), or a level's file
// stands for. The file itself may be missing. Throws as open_tree().
LevelFile find_principal(const std::string& directory_or_file,
                         const std::optional<std::string>& filenameroot);

}  // namespace recentd
