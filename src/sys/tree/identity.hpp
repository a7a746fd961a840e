#pragma once

#include <string>

namespace recentd::sys {

// A text that names this very directory: the same after it was renamed or the machine was restarted, another
// one for a copy of it. Made of inode and time of birth; where the file system keeps none, of the inode
// alone. Throws Error{io}.
std::string directory_identity(int directory_fd);

}  // namespace recentd::sys
