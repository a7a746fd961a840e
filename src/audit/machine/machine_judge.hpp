#pragma once

#include <vector>

#include "audit/machine/finding.hpp"
#include "audit/machine/machine_facts.hpp"

namespace recentd::audit {

// What the facts mean for recentd, good ones among them. Pure.
std::vector<MachineFinding> judge_machine(const MachineFacts& facts);

}  // namespace recentd::audit
