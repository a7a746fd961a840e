#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace recentd {

// What a pass did.
struct MirrorReport {
  bool up_to_date = false;        // every level evaluated, mirrored and published, all deletes done
  std::uint64_t transferred = 0;  // files that rsync wrote
  std::uint64_t unchanged = 0;    // files that were the same already
  std::uint64_t deleted = 0;
  std::uint64_t held_deletes = 0;  // held back because they are more than max_delete
  std::uint64_t held_extra = 0;    // files that prune would have removed but for max_delete
  std::uint64_t gone = 0;          // named by the index, gone at the upstream
  std::uint64_t skipped =
      0;  // events that are no business of ours: hostile paths, unknown types, unsafe links
  std::uint64_t differing = 0;  // files whose content, fetched twice, is not what their events record
  bool rolled_back = false;     // the upstream fell behind what it had shown before, so nothing was followed
  // Local files that the index does not name: counted when a target that held files already has become a
  // mirror, and when prune is held back.
  std::uint64_t extra = 0;
  std::vector<std::string> extra_names = {};  // the first 100
  std::uint64_t connections = 0;              // rsync calls
  std::vector<std::string> published = {};    // index files made visible
  std::vector<std::string> missing = {};      // what is still to do, one line each, at most 100
};

}  // namespace recentd
