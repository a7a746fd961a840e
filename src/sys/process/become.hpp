#pragma once

#include <string>
#include <vector>

namespace recentd::sys {

// Makes this process run another program, argv[0], which is looked up in PATH. Throws Error{missing} if it
// cannot be run. Precondition: argv is not empty.
[[noreturn]] void become(const std::vector<std::string>& argv);

}  // namespace recentd::sys
