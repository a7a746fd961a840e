#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/observer.hpp>

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
  std::vector<std::string> extra_names;  // the first 100
  std::uint64_t connections = 0;         // rsync calls
  std::vector<std::string> published;    // index files made visible
  std::vector<std::string> missing;      // what is still to do, one line each, at most 100
};

// A mirror: keeps TARGET equal to its upstream by following the index. One process at a time for one target,
// enforced by a lock that a crash frees. Not for use from two threads. Progress is saved after every batch;
// starting again goes on where the last process stopped, however it ended.
class Mirror {
 public:
  // Takes the target's lock and loads its state. Throws Error: usage (bad options), missing, refused (target
  // equal to or inside the source), locked (naming the holder), corrupt (state of a newer recentd), io,
  // transport (rsync missing or too old). Nothing is changed in the target on error. When the clock's stop is
  // requested, a running rsync is ended and the work stops at its next safe point.
  Mirror(MirrorOptions options, Clock& clock, Observer& observer);
  ~Mirror();
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  // One shot: works until up to date, at most three attempts. Throws Error: missing, transport, corrupt, io,
  // refused (deletes above max_delete; all else is done as far as it can be), incomplete (with what is
  // missing in the report so far).
  MirrorReport run_once();
  // Follows the upstream until the clock's stop is requested (then returns, or throws Error{refused} if
  // deletes are held back) or max_rsync_errors is reached (throws). If another directory takes the target's
  // place it begins there as a new process would; throws Error if that is refused.
  void run_loop();
  // Fetches just these paths (relative to the tree) in one connection, no index involved (Perl's
  // get_remotefile and mirror_path). Index names are refused. Throws Error.
  MirrorReport fetch_paths(const std::vector<std::string>& paths);
  // The report of the last run_once(), also after it threw.
  [[nodiscard]] const MirrorReport& last_report() const noexcept;

 private:
  struct Impl;
  void begin_anew();
  std::unique_ptr<Impl> impl_;  // empty only after a loop that could not go on
};

}  // namespace recentd
