#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include <recentd/mirror_options.hpp>

#include "cli/options.hpp"

namespace recentd::cli {

// How a command that looks at a source reaches it: the settings of a mirror that it needs for that.

// The rows of --password-file, of all --rsync..., of --stall-timeout and --min-rate, and those of HTTP,
// behind `own`.
std::vector<Option> with_source_options(std::vector<Option> own);

// Throws Error{usage} if one of them is given, but for those in `but`; `needed` is what it goes with.
void refuse_source_options(const Arguments& arguments, const char* needed,
                           std::initializer_list<std::string_view> but = {});

// Their values. Throws Error{usage}.
ConnectOptions source_connect(const Arguments& arguments);

}  // namespace recentd::cli
