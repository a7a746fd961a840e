#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace recentd {

// What a pass did, and what it left. Numbers of files count paths of events, not bytes.
struct MirrorReport {
  // Every level evaluated, mirrored and published, all deletes done, but for what is known to be missing:
  // recentd-mirror(7), UP TO DATE.
  bool up_to_date = false;
  std::uint64_t transferred = 0;  // files that rsync wrote
  std::uint64_t unchanged = 0;    // files that were the same already
  std::uint64_t deleted = 0;      // files that were removed, or moved to the quarantine
  std::uint64_t bytes = 0;        // that came with what was transferred, as far as the transport tells
  // Deletes that are held back because they are more than max_delete, and files that prune would have removed
  // but for it; recentd-mirror(7), The guard.
  std::uint64_t held_deletes = 0;
  std::uint64_t held_extra = 0;
  std::uint64_t held_of = 0;  // files of the tree that they are part of
  // Paths that the index names and that cannot be had: recentd-mirror(7), Paths that cannot be had.
  std::uint64_t gone = 0;            // that the upstream has not got, and that count as done since this pass
  std::uint64_t missed = 0;          // that count as done, and of whose absence this pass told
  std::uint64_t known_missing = 0;   // that count as done, all of them
  std::uint64_t failed_deletes = 0;  // files that cannot be removed here, and are tried again
  // Too many at once to be shown without; recentd-mirror(7), Many at once.
  std::uint64_t held_missing = 0;
  // Events that are no business of ours: hostile paths, unknown types, unsafe links; recentd-mirror(7),
  // Skipped paths.
  std::uint64_t skipped = 0;
  // Files whose content, fetched twice, is not what their events record; recentd-mirror(7), Differing paths.
  std::uint64_t differing = 0;
  // The upstream fell behind what it had shown before, so nothing was followed; recentd-mirror(7), Rollback.
  bool rolled_back = false;
  // The upstream shows another tree than the one that was mirrored, so nothing was followed;
  // recentd-mirror(7), Another tree.
  bool other_tree = false;
  // Local files that the index does not name: counted when a target that held files already has become a
  // mirror, and when prune is held back.
  std::uint64_t extra = 0;
  std::vector<std::string> extra_names = {};  // the first 100
  std::uint64_t connections = 0;              // rsync calls
  std::vector<std::string> published = {};    // index files made visible
  // At most 100 lines for the user, each a path, escaped, and why: what is still to do, and what counts as
  // done although it is not here.
  std::vector<std::string> missing = {};
  std::vector<std::string> known_missing_lines = {};
};

}  // namespace recentd
