#pragma once

#include <string>

namespace recentd::sys {

// Makes a directory of mode 0700, or empties the one that has that name; a file or link there gives way.
// Whatever lies in it goes, nested as deeply as it likes, directories included that their modes keep us out
// of; links are not followed. For places that nobody else writes to. Throws Error{io}.
void make_empty_place(const std::string& path);

}  // namespace recentd::sys
