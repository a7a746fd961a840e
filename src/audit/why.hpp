#pragma once

#include <optional>
#include <string>
#include <vector>

#include <recentd/event.hpp>

#include "state/mirror_state.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::audit {

// What is known of one path of a tree, and why it is or is not on disk. For `recentd why`.

// One index file and the path's events in it, newest first.
struct PathInLevel {
  std::string interval;
  std::string file;
  enum class What { read, missing, broken } what = What::read;
  std::string trouble;  // for broken
  std::vector<Event> events;
};

// What a mirror's saved state says of the path.
struct PathInState {
  std::string source;
  std::vector<std::string> done;  // intervals of those levels whose newest event of the path is worked off
  std::vector<std::string> open;  // and of those where it is not
  std::optional<state::PendingDelete> pending_delete;
  std::optional<state::MissingPath> missing;
  std::optional<state::LeftOutPath> left_out;
  bool deletes_skipped = false;
};

struct PathFacts {
  std::string root;  // absolute
  std::string path;  // relative to it
  bool bookkeeping = false;
  std::optional<sys::FileFacts> on_disk;
  std::vector<PathInLevel> levels;   // smallest first
  std::vector<PathInLevel> fetched;  // a mirror's private copies, where they differ from what is shown
  std::optional<PathInState> state;  // nothing: this tree is no mirror
  std::vector<std::string> warnings;

  // The newest of all; where epochs are equal, the smaller level's.
  [[nodiscard]] const Event* newest() const;
};

// Reads all of that. `tree` names the set as for open_tree(). `path` is relative to its root, or absolute
// below it. Throws Error{missing, corrupt (the principal), usage (a path outside), io}.
PathFacts look_at_path(const std::string& tree, const std::string& path);

// The tree that a path lies in: the nearest directory above it (or itself) that holds an index set. Throws
// Error{missing}.
std::string tree_above(const std::string& path);

// One sentence: is it on disk, should it be, and why (not). Pure.
std::string why_text(const PathFacts& facts);

}  // namespace recentd::audit
