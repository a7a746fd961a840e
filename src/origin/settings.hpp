#pragma once

#include <vector>

#include <recentd/interval.hpp>
#include <recentd/origin.hpp>

namespace recentd {

// The levels that the settings of a new set ask for, after checking all of them: valid intervals, no two
// spellings of one length, a Z at the end unless allowed otherwise. Throws Error{usage}.
std::vector<Interval> checked_levels(const OriginSettings& settings, bool allow_no_z);

// Throws Error{usage} for names, a suffix, a protocol or a canonize that no index may have.
void check_settings(const OriginSettings& settings);

}  // namespace recentd
