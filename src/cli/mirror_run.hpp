#pragma once

#include <string>

#include <recentd/mirror.hpp>

namespace recentd::cli {

// What cmd_mirror and rrr-client share.

// Prints what a run left undone, a line each, on stderr.
void print_missing(const MirrorReport& report);

// Absolute form of a target directory, for messages.
std::string absolute(const std::string& directory);

}  // namespace recentd::cli
