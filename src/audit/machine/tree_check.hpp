#pragma once

#include <string>
#include <vector>

#include "audit/machine/finding.hpp"
#include "settings/tree_config.hpp"

namespace recentd::audit {

// What the start of a configured tree would find on this machine, as the user that asks: its directories and
// whose they are, room on their disks, where it keeps its state and its log, passwords, certificates, keys,
// and the programs that it runs. No upstream is asked. Empty if all is well. Throws Error{io}.
std::vector<MachineFinding> check_tree(const settings::TreeConfig& tree);

// "tree 'pub' (line 3)".
std::string name_of(const settings::TreeConfig& tree);

// Where an operator reads a tree's upstream: its sources.
std::vector<std::string> sources_of(const settings::TreeConfig& tree);

}  // namespace recentd::audit
