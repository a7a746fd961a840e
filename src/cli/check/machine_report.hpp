#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/machine/finding.hpp"
#include "settings/config.hpp"

namespace recentd::cli {

using MachineFindings = std::vector<audit::MachineFinding>;

// What the trees of a configuration would find on this machine: audit::check_tree() of each, and the remarks
// on their places.
MachineFindings check_places(const settings::Config& config);

// Of the first that is bad: the exit code that work would end with; 0 if none is.
int code_of(const MachineFindings& findings);

// The sentence that sums them up, and all of them with what to do, for people or as one JSON object. Pure.
std::string report_text(const MachineFindings& findings);
std::string report_json(const MachineFindings& findings);

// One line for each that is not good, as `run --check` tells them: FILE: ABOUT: TEXT; do: COMMAND. Pure.
std::vector<std::string> report_lines(const std::string& file, const MachineFindings& findings);

}  // namespace recentd::cli
