#pragma once

#include <functional>
#include <string>
#include <vector>

#include <recentd/delete_limit.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/origin.hpp>

#include "audit/fsck.hpp"

namespace recentd::audit {

// Making a tree and its index agree again.

struct RepairAction {
  enum class What {
    index_file,     // something about the index files; `text` says what
    deleted_event,  // a path's delete is registered
    new_event,      // ... or that it is there
    fetched,        // a file comes from the upstream
    removed,        // a file goes
    cleared,        // a leftover goes
  } what;
  std::string text;  // the path, or one line
};

struct RepairOptions {
  FsckOptions check;
  WriterOptions writer;         // dry_run: say what would be done, change nothing
  std::string state_directory;  // empty: the default place
  ConnectOptions connect;
  // More deletes, in the index or on disk, than this are not done: Error{refused} before anything is changed.
  DeleteLimit max_delete = DeleteLimit::usual();
  bool mend_files = true;   // put broken and disjoint index files right; without it only paths are registered
  bool check_after = true;  // without it the report is the first check's
  bool dirty = false;       // new events get the file's mtime as their epoch; costs each mirror a full pass
  // Called with what the first check found, before anything is done.
  std::function<void(const FsckReport&)> on_checked;
  // Called for each thing done, before it is done.
  std::function<void(const RepairAction&)> on_action;
  // Whether a file may be removed from disk; `left` counts those to come, this one included.
  std::function<bool(const std::string& path, std::uint64_t left)> confirm;
};

// The disk is the truth: broken index files are made anew from the other levels and the disk, or come from
// `from` (a mirror's source, may be empty), and what differs is registered. Returns what a check finds after
// that; with dry_run what it found before. Throws Error: refused (a mirror's target, too many deletes),
// locked, io, transport, corrupt.
FsckReport repair_index(const RepairOptions& options, const std::string& from, Clock& clock);

// The index is the truth: what is missing comes from `upstream`, what is too much goes. The index files must
// be right. Returns and throws as repair_index().
FsckReport repair_disk(const RepairOptions& options, const std::string& upstream, Clock& clock);

}  // namespace recentd::audit
