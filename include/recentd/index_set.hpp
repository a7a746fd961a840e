#pragma once

#include <string>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>

namespace recentd {

// Brings the index files of the tree at options.source, and nothing else, into the existing directory
// options.target, so that news() and overview() can be asked there (recentd-mirror(7), FINDING THE INDEX). Of
// the other options only `connect` counts. Files that are there already serve as the base of the transfer.
// Returns the principal's path. Throws Error: missing, refused (the directory is a mirror's target, which has
// its own), corrupt, transport, io, usage.
std::string fetch_index_set(const MirrorOptions& options, Clock& clock);

}  // namespace recentd
