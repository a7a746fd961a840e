#pragma once

#include <optional>
#include <string>

#include <recentd/epoch.hpp>

#include "upstream/source.hpp"

namespace recentd::upstream {

// The newest event that the visible principal of a target tells, whoever wrote it: of the index that the
// source names, or of RECENT.recent, or of the only one there is. Nothing if there is none that parses.
std::optional<Epoch> shown_newest(const std::string& target, const SourceSpec& source);

}  // namespace recentd::upstream
