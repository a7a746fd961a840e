#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/done.hpp>
#include <recentd/epoch.hpp>

namespace recentd::state {

// What a mirror remembers of one level.
struct LevelProgress {
  std::string interval;                  // spelling
  Done done;                             // worked off under `dirtymark`
  std::optional<std::string> dirtymark;  // of the copy that `done` speaks of
  // For how long its dirtymark has been seen to differ from the principal's, and when that was seen last; 0:
  // it does not. Summed up from look to look, so that no jump of the clock makes an hour of it.
  std::int64_t stale_for_s = 0;
  std::int64_t stale_seen_at_s = 0;

  bool operator==(const LevelProgress&) const = default;
};

// A delete that was read from an index and still has to be done, after that index is visible;
// recentd-mirror(7), Deletes after the index.
struct PendingDelete {
  Epoch epoch;
  std::string interval;   // of the level that told it
  bool accepted = false;  // by the operator: done whatever max_delete says
  // Of one that could not be done: how often that was tried, when it is tried again, and why not.
  std::uint64_t rounds = 0;
  std::int64_t looked_s = 0, retry_at_s = 0;
  std::string reason = {};

  bool operator==(const PendingDelete&) const = default;
};

// A path that the index names and that cannot be had: the upstream has not got it, or it could not be brought
// here; recentd-mirror(7), Paths that cannot be had.
struct MissingPath {
  Epoch epoch;                  // of the event that names it; a newer one starts anew
  bool absent = false;          // not there at the upstream; else it could not be brought here
  bool known = false;           // its first rounds are over: it counts as done
  std::uint64_t rounds = 0;     // looks that count
  std::uint64_t fetch = 0;      // number of the principal's fetch before the last of them
  std::int64_t since_s = 0;     // wall clock of the first; 0: not known
  std::int64_t looked_s = 0;    // of the last
  std::int64_t retry_at_s = 0;  // it is left alone until then
  std::string reason = {};      // in the words that the last one brought

  bool operator==(const MissingPath&) const = default;
};
using MissingPaths = std::map<std::string, MissingPath, std::less<>>;  // by path

// A path whose content is not what its event records (its digest).
struct DifferingPath {
  Epoch epoch;              // of that event
  std::uint64_t fetch = 0;  // number of the principal's fetch before which that was found first
  bool alarmed = false;     // found twice, and told

  bool operator==(const DifferingPath&) const = default;
};

// A path that no mirror takes because of what it is at the upstream: a link that leads out of the tree, or
// neither file nor link.
struct LeftOutPath {
  Epoch epoch;  // of the event that names it
  bool link = false;

  bool operator==(const LeftOutPath&) const = default;
};

// A mirror's progress. Value type without I/O; saved whole after every batch (see StateStore).
struct MirrorState {
  static constexpr int k_format = 3;

  std::string source;                    // as the user wrote it
  std::string target;                    // names the directory itself, wherever it moves; not its copies
  std::string principal;                 // file name of the principal, e.g. RECENT-1h.yaml
  std::optional<std::string> dirtymark;  // the principal's
  std::optional<Epoch> newest;           // newest epoch when all levels were last worked off
  std::optional<Epoch> seen;     // newest epoch that any principal had; see recentd-mirror(7), Rollback
  bool deletes_skipped = false;  // some were passed over by skip_deletes
  bool adopting = false;         // the target held files before the first pass, and is not done yet
  std::string boot_id;           // set while transferred content may not have reached the disk (fsync none)
  std::uint64_t fetches = 0;     // of the principal, ever
  std::vector<LevelProgress> levels;
  std::map<std::string, PendingDelete, std::less<>> deletes;  // by path
  MissingPaths missing;
  // Known to be missing, and named as present by index files that are visible still although a
  // newer event is worked off: kept until all is shown anew.
  std::set<std::string> shown_gone;
  std::map<std::string, DifferingPath, std::less<>> differing;  // by path
  std::map<std::string, LeftOutPath, std::less<>> left_out;     // by path

  // The level's record, made if it is not there.
  LevelProgress& level(std::string_view interval);

  bool operator==(const MirrorState&) const = default;
};

// One text: `recentd-state 3`, then `key: value` lines, closed by `end: CHECKSUM`. The upstream is in a line
// `source: ...` near the top, for other programs to show. Names are escaped as \xHH.
std::string encode(const MirrorState& state);

enum class DecodeFailure { none, damaged, newer_format };
struct Decoded {
  std::optional<MirrorState> state;
  DecodeFailure failure = DecodeFailure::none;
};
// The state, or why not. Older formats are understood: what they do not tell has its default. Never throws on
// damaged text.
Decoded decode(std::string_view text);

}  // namespace recentd::state
