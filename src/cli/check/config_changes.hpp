#pragma once

#include <functional>
#include <string>
#include <vector>

#include "settings/config.hpp"

namespace recentd::cli {

// What an operator of 0.1.0 should know of his configuration, which is taken as it is. Pure.

// What keys that stand there mean now, or what has to be added: "tree 'pub' (line 3): ...". `is_mirror` tells
// whether a mirror has worked in a target.
std::vector<std::string> changed_meanings(const settings::Config& config,
                                          const std::function<bool(const std::string& target)>& is_mirror);

// Keys that 0.1.0 did not have, each with what it does: "create: begin a first copy ... (default false)".
std::vector<std::string> new_keys();

}  // namespace recentd::cli
