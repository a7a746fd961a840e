#pragma once

#include <string>

namespace recentd::cli {

// The configuration that is meant where none is named: that of the prefix where the program is installed,
// /usr/local/etc/recentd/recentd.yaml, if there is one, else that of /etc.
std::string default_config_file();

}  // namespace recentd::cli
