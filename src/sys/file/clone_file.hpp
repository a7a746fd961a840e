#pragma once

#include <cstdint>
#include <string>

#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"

namespace recentd::sys {

// How a file comes to be a second time.
enum class Clone : std::uint8_t {
  shared,  // its blocks are shared until one of the two is written to (a reflink); an error where they cannot
           // be
  any,     // so where the file system can, else read and written
};

// Makes a new file in a directory, with the content, mode and time of a regular file in another, and its
// owner as far as we may. 0 or the errno: EEXIST if the name is taken. What failed leaves nothing behind.
int clone_file(int from_directory, const std::string& name, int to_directory, const std::string& as,
               Clone how);

// Gives a regular file that has several names an inode of its own under this one, so that mode and times can
// be changed here alone. Readers see the same content all the time. False if it had just one, or is no such
// file. What a crash leaves is called like rsync's unfinished files. Throws Error{io}.
bool make_single(const Dir& root, const RelPath& path);

}  // namespace recentd::sys
