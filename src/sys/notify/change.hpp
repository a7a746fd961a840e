#pragma once

namespace recentd::sys {

// What the kernel says happened to one name of a directory.
struct Change {
  bool is_directory = false;
  bool made = false;      // a file, perhaps still empty
  bool written = false;   // closed after writing
  bool moved_in = false;  // renamed to this name
  bool gone = false;      // removed, or renamed to another name
};

}  // namespace recentd::sys
