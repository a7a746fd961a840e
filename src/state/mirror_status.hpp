#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace recentd::state {

// How a mirror fares, as it notes it for whoever asks while it works and afterwards: the file `status` of its
// private directory. Nothing is decided by it, and it is never synced; recentd-mirror(7), Status. Value type
// without I/O. Times are whole seconds since 1970; 0: never.
struct MirrorStatus {
  std::string source = {};         // the upstream that is followed, for display
  bool follows = false;            // it goes on until it is stopped
  std::int64_t begun_s = 0;        // start of the process that noted this
  std::int64_t noted_s = 0;        // when it did
  std::int64_t answered_s = 0;     // the upstream's index was had, and all that it asked for was tried
  std::int64_t news_s = 0;         // something was transferred or deleted
  std::int64_t current_s = 0;      // it was up to date
  std::int64_t next_s = 0;         // the next poll is planned for then
  std::int64_t working_s = 0;      // start of the work that is under way; 0: none is
  std::string level = {};          // on which it works
  std::uint64_t settled = 0;       // files confirmed since working_s
  std::string newest = {};         // epoch of the upstream's newest event
  bool up_to_date = false;         // at the end of the last pass
  std::uint64_t open = 0;          // paths that were left to do, as far as they are counted
  std::uint64_t held_deletes = 0;  // deletes that wait for the operator, and the files that they are part of
  std::uint64_t held_of = 0;
  std::uint64_t known_missing = 0;
  std::uint64_t failed_deletes = 0;
  std::string alarm = {};            // that of the status file: recentd.yaml(5), status_file
  std::string trouble = {};          // why the last try failed, while it lasts
  std::int64_t trouble_since_s = 0;  // of the first of the tries that failed in a row
  std::uint64_t failures = 0;        // how many

  bool operator==(const MirrorStatus&) const = default;
};

// `recentd-status 1`, then `key: value` lines, what is not known left out.
std::string encode(const MirrorStatus& status);
// Nothing for anything else. Keys that are not known are passed over, so that newer programs may add some.
std::optional<MirrorStatus> decode_status(std::string_view text);

}  // namespace recentd::state
