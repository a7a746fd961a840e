#pragma once

#include <optional>
#include <string>

#include <recentd/clock.hpp>

#include "sys/tree/dir.hpp"

namespace recentd::watch {

// Up to when an index told all that had happened to its tree: kept from one watcher to the next, outside the
// tree.

// Nothing if that is not known for this very directory; what cannot be read counts as not known.
std::optional<TimePoint> read_settled(const std::string& state_directory, const sys::FileFacts& root);
// Makes the directory if it is missing. Throws Error{io}.
void write_settled(const std::string& state_directory, const sys::FileFacts& root, TimePoint time);

}  // namespace recentd::watch
