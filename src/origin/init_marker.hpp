#pragma once

#include <string>
#include <vector>

#include <recentd/fsync.hpp>

namespace recentd {

// ROOT.recent.init: stands in the root from before the first file of a new set to after its link, and names
// the files, so that an init that was interrupted is known as such and the next one can begin anew. All under
// the lock of the root.

// What an interrupted init left, as far as its marker proves that: names of level files, of their
// temporaries, and of the link, which comes first. Nothing that others made.
std::vector<std::string> rest_of_init(const std::string& root, const std::string& filenameroot);
// Removes these; the marker stays.
void remove_rest(const std::string& root, const std::vector<std::string>& rest);

// From now on these level files, the principal last, and the link to it are this init's.
void put_marker(const std::string& root, const std::string& filenameroot,
                const std::vector<std::string>& files, Fsync fsync);
// The set is whole.
void remove_marker(const std::string& root, const std::string& filenameroot, Fsync fsync);

}  // namespace recentd
