#pragma once

#include <string>

namespace recentd::sys {

// Absolute by the working directory, without `.`, `..` and doubled slashes; links are not looked at, and it
// need not exist. Throws Error{io} for an empty path, or a working directory that is gone.
std::string absolute_path(const std::string& path);
// The directory and its parents, as far as they are missing. Throws Error{io}.
void make_directories(const std::string& path);
// Renames a file or link; to another file system it is copied and removed here. Throws Error{missing, io}.
void move_file(const std::string& from, const std::string& to);

}  // namespace recentd::sys
