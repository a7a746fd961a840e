#pragma once

#include <recentd/origin.hpp>

#include "cli/options.hpp"

namespace recentd::cli {

// What the commands that write an index have in common.

// The rows of --filenameroot, --locktimeout and --no-wait.
std::vector<Option> lock_options();
// How long to wait for a lock by the last two. Throws Error{usage}.
std::chrono::nanoseconds lock_timeout(const Arguments& arguments);

// These rows and those of --fsync, --json-paths, --dry-run and --verbose, behind `own`.
std::vector<Option> with_writer_options(std::vector<Option> own);

// The row of one of settings::writer_settings(), by its name; `when` stands before its help.
Option writer_option(std::string_view name, std::string_view when = {});

// The values of all rows that the command has of these; warnings go to the log. Sets the log's limit by
// --verbose. Throws Error{usage}.
WriterOptions writer_options(const char* component, const Arguments& arguments);

// One more step of the log for each -v.
void set_verbosity(std::size_t count);
// For what goes on until it is stopped: its passes are told without -v, too, but not with --quiet. Throws
// Error{usage} for both at once.
void set_verbosity_of_loop(const Arguments& arguments);
// The row of --quiet.
Option quiet_option(const char* help);

// Throws Error{usage} unless the epoch lies in the past: only library and batches clamp.
void refuse_future(const Epoch& epoch, const Clock& clock);

}  // namespace recentd::cli
