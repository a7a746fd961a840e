#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/place.hpp"

namespace recentd::sys {

// What is to be known of a directory before it becomes a tree. `path` is as the operator wrote it; the
// directory itself need not be there. Nothing is changed, no link below it is followed, and what is found
// below it is what a look at a bounded number of names shows; of a tree that is known nothing is. What cannot
// be read tells nothing. Throws
// Error{io}.
PlaceFacts place_facts(const std::string& path);

// Roots of trees below a directory, at most three directories deep, by their private directory or the link to
// an index; at most `names` names are looked at. Sorted.
std::vector<std::string> trees_below(const std::string& directory, std::size_t names = 10'000);

// Whether a directory is the root of a tree.
bool is_tree(const std::string& directory);

}  // namespace recentd::sys
