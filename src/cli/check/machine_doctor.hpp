#pragma once

#include "cli/options.hpp"

namespace recentd::cli {

// `recentd doctor` without SOURCE: looks at this machine, at the configuration, and at the upstreams that it
// names; prints what is so and what to do. Returns the exit code. Throws Error: usage, config (a file that is
// named cannot be read), io.
int examine_machine(const Arguments& arguments);

}  // namespace recentd::cli
