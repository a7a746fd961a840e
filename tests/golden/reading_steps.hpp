#pragma once

#include <set>
#include <string>

#include "golden/operations.hpp"
#include "golden/record.hpp"

namespace recentd::golden {

// Plays one of the reading operations recent_events, news and overview on the files in `root`, which hold
// `state`. Ours is compared with the oracle, then with the record; if that differs, the rules that say so are
// returned. Throws std::runtime_error with the first difference that no rule explains.
std::set<std::string> play_reading(const test::Json& operation, const Recorded& record, const Config& config,
                                   const std::string& root, const Tree& state);

}  // namespace recentd::golden
