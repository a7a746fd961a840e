#pragma once

#include <vector>

#include "cli/options.hpp"
#include "transport/rsync_transport.hpp"

namespace recentd::cli {

// How a command that looks at a source reaches it: the settings of a mirror that it needs for that.

// The rows of --password-file, of all --rsync..., of --stall-timeout and --min-rate, behind `own`.
std::vector<Option> with_source_options(std::vector<Option> own);

// Throws Error{usage} if one of them is given; `needed` is what it goes with.
void refuse_source_options(const Arguments& arguments, const char* needed);

// Their values. Throws Error{usage}.
transport::RsyncSettings source_rsync(const Arguments& arguments);

}  // namespace recentd::cli
