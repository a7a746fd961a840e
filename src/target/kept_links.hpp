#pragma once

#include <string>

namespace recentd::target {

// Whether the mirror of a target follows links that the operator made in the place of directories: a file of
// its private directory, so that whoever else looks at the target does likewise. Throws Error{io}.
void note_kept_links(const std::string& private_directory, bool keeps);
bool keeps_links(const std::string& target);

}  // namespace recentd::target
