#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/clock.hpp>

#include "base/utc.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::target {

// Taking deletes back: what a mirror's quarantine holds, and its way back into the target.

struct UndoOptions {
  std::string target;
  std::string quarantine;           // empty: the one that the mirror used last
  std::optional<Utc> since, until;  // only what was deleted in this time
  std::vector<std::string> paths;   // files and directories, relative to the target; empty: all
  bool dry_run = false;
  bool force = false;  // what has a file's name now goes to the quarantine instead of it
};

// One deleted file.
struct Quarantined {
  std::string path;
  Utc deleted;
  sys::FileFacts facts;
};

// Calls `each` for what the options select, newest round of deletes first. Changes nothing. Throws Error:
// missing (no mirror, no quarantine, a path that is not in it), refused, io.
void list_quarantined(const UndoOptions& options, Clock& clock,
                      const std::function<void(const Quarantined& file)>& each);

struct UndoReport {
  std::uint64_t restored = 0;
  std::uint64_t in_the_way = 0;       // not brought back: something has their name, or a parent's
  std::vector<std::string> examples;  // of those, at most 100
  std::uint64_t failed = 0;           // not brought back either: they cannot be moved to their place
  std::vector<std::string> failures;  // of those, at most 100, each with the reason
};
// Brings the newest generation of each selected file back to its place, under the target's lock, and takes it
// out of the queue of deletes. Never replaces anything; with force, what is there changes places with it. One
// that cannot be brought back stops no other.
// Throws Error: as list_quarantined(), and locked.
UndoReport undo_deletes(const UndoOptions& options, Clock& clock);

}  // namespace recentd::target
