#pragma once

#include <optional>
#include <string>

#include "recentfile/store.hpp"

namespace recentd {

// The principal's file that a directory, a `.recent` link (or a regular file in its place), or a level's file
// stands for. The file itself may be missing. Throws as open_tree().
LevelFile find_principal(const std::string& directory_or_file,
                         const std::optional<std::string>& filenameroot);

// Throws Error{refused} if an init of this set is under way or was interrupted, and says how to go on: what
// stands there is a part of a set, and a larger level must not pass for the principal.
void refuse_unfinished(const std::string& root, const std::string& filenameroot);

}  // namespace recentd
