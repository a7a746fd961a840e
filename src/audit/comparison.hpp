#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <recentd/path_filter.hpp>

#include "audit/index_view.hpp"
#include "origin/left_out.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::audit {

// Comparing a tree on disk with what its index says, fast; and looking again at what differs, so that a tree
// that changes meanwhile is not slandered.

// What is known of a path on both sides.
struct UpstreamStatus {
  std::optional<sys::FileFacts> disk;
  std::optional<EventType> word;  // of its newest event
  std::optional<EpochKey> epoch;  // and that event's epoch
  bool as_recorded = true;        // false: it records another size or time
  bool operator==(const UpstreamStatus&) const;
};

// What is wrong with it, if anything is.
std::optional<Check> judge(const UpstreamStatus& status) noexcept;

// A path at which disk and index differ.
struct Suspect {
  Check check = Check::extra;  // missing, type, extra, hidden, changed
  std::string path;
  UpstreamStatus status;
  std::string other = {};  // changed, as the event of this other name of the same file tells
};

struct Comparison {
  std::vector<Suspect> suspects;     // in no order
  std::vector<std::string> changed;  // known files that changed on disk at or after `changed_since`
  LeftOut left_out;
  std::vector<std::string> repeated;  // known files that may have another name that was met before
  std::uint64_t files_on_disk = 0;    // and links
  std::uint64_t files_in_index = 0;
  std::uint64_t nameless = 0;       // files that no event can name
  std::vector<std::string> unread;  // directories, with the reason
};

struct ComparisonOptions {
  unsigned threads = 0;                       // of the walk; 0: as it likes
  std::optional<std::int64_t> changed_since;  // seconds since 1970: look for these
  std::int64_t now_ns = 0;
  const PathFilter* filter = nullptr;  // of files that it does not want nothing is told
  std::set<std::string> absent = {};   // directories that are not to be judged, nor what is below them
};

// Walks the tree once. What lies below an unread directory is no suspect.
Comparison compare(const sys::Dir& root, const Bookkeeping& bookkeeping, IndexView& view,
                   const ComparisonOptions& options);

// Adds to `found` the names of files with several that were written under another one; see linked_names.hpp.
void add_stale_names(const sys::Dir& root, const Bookkeeping& bookkeeping, IndexView& view,
                     Comparison& found);

// The path as both sides show it now.
UpstreamStatus look_at(const sys::Dir& root, const Bookkeeping& bookkeeping, IndexView& view,
                       const std::string& path);

}  // namespace recentd::audit
