#pragma once

#include <string>
#include <vector>

#include "settings/config.hpp"

namespace recentd::cli {

// What is odd about the places of a configuration's trees, though no mistake of the file: trees that lie in
// each other, or in one that the file does not tell of, and targets that a mirror would refuse to begin in.
// One line each. Looks at the directories.
std::vector<std::string> remarks_on_places(const settings::Config& config);

}  // namespace recentd::cli
