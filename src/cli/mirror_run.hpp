#pragma once

#include <optional>
#include <string>
#include <vector>

#include <recentd/mirror.hpp>

#include "cli/verbose_observer.hpp"

namespace recentd::cli {

// What cmd_mirror and rrr-client share.

// The first line of a password file. Throws Error{usage} if others may read it, Error{missing, io}.
std::string read_password_file(const std::string& path);

// Prints what a run left undone, a line each, on stderr.
void print_missing(const MirrorReport& report);

// Absolute form of a target directory, for messages.
std::string absolute(const std::string& directory);

}  // namespace recentd::cli
