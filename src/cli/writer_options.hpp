#pragma once

#include <recentd/origin.hpp>

#include "cli/options.hpp"

namespace recentd::cli {

// What init, update and aggregate have in common.

// The rows of --locktimeout, --no-wait, --fsync, --dry-run, --verbose and --filenameroot, behind `own`.
std::vector<Option> with_writer_options(std::vector<Option> own);

// The row of --record.
Option record_option();

// Their values; warnings go to the log. Sets the log's limit by --verbose. Throws Error{usage}.
WriterOptions writer_options(const char* component, const Arguments& arguments);

// One more step of the log for each -v.
void set_verbosity(std::size_t count);

// Throws Error{usage} unless the epoch lies in the past: only library and batches clamp.
void refuse_future(const Epoch& epoch, const Clock& clock);

}  // namespace recentd::cli
