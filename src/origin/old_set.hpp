#pragma once

#include <string>
#include <vector>

#include <recentd/clock.hpp>

namespace recentd {

// The files of an index set that stand in root: level files of any interval and supported suffix, and the
// link.
std::vector<std::string> files_of_set(const std::string& root, const std::string& filenameroot);

// Where an origin keeps what is not published: `configured`, or a directory of the tree's own below
// /var/lib/recentd for root, below $XDG_STATE_HOME (~/.local/state) for others.
std::string state_directory(const std::string& root, const std::string& configured);

// Moves the files to a new directory `old-TIME` there, also across file systems, and returns its name.
std::string move_set_away(const std::string& root, const std::vector<std::string>& files,
                          const std::string& state_directory, Clock& clock);

}  // namespace recentd
