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

// What a pass did, and what it left. Numbers of files count paths of events, not bytes.
struct MirrorReport {
  // Every level evaluated, mirrored and published, all deletes done: recentd-mirror(7), UP TO DATE.
  bool up_to_date = false;
  std::uint64_t transferred = 0;  // files that rsync wrote
  std::uint64_t unchanged = 0;    // files that were the same already
  std::uint64_t deleted = 0;      // files that were removed, or moved to the quarantine
  // Deletes that are held back because they are more than max_delete, and files that prune would have removed
  // but for it; recentd-mirror(7), The guard.
  std::uint64_t held_deletes = 0;
  std::uint64_t held_extra = 0;
  std::uint64_t gone = 0;  // named by the index, gone at the upstream; recentd-mirror(7), Gone paths.
  // Events that are no business of ours: hostile paths, unknown types, unsafe links; recentd-mirror(7),
  // Skipped paths.
  std::uint64_t skipped = 0;
  // Files whose content, fetched twice, is not what their events record; recentd-mirror(7), Differing paths.
  std::uint64_t differing = 0;
  // The upstream fell behind what it had shown before, so nothing was followed; recentd-mirror(7), Rollback.
  bool rolled_back = false;
  // Local files that the index does not name: counted when a target that held files already has become a
  // mirror, and when prune is held back.
  std::uint64_t extra = 0;
  std::vector<std::string> extra_names = {};  // the first 100
  std::uint64_t connections = 0;              // rsync calls
  std::vector<std::string> published = {};    // index files made visible
  // What is still to do, at most 100 lines for the user: a path, escaped, and why.
  std::vector<std::string> missing = {};
};

// A mirror: keeps TARGET equal to its upstream by following the index, as recentd-mirror(7) tells from its
// first step to the last. Once, or until somebody stops it:
//
//   Observer quiet;
//   Mirror mirror({.source = "rsync://host/pub", .target = "/srv/pub"}, system_clock(), quiet);
//   const auto report = mirror.run_once();  // throws if it is not up to date then
//   mirror.run_loop();                      // until the clock's stop is requested
//
// One process at a time for one target, enforced by a lock that a crash frees; see recentd-mirror(7), The
// target's lock. Progress is saved after every batch; starting again goes on where the last process stopped,
// however it ended: recentd-mirror(7), CRASHES.
//
// Not for use from two threads, but for the clock's stop. Several mirrors of one process may run in a thread
// each. While it works it runs rsync, which is a child of this process, and up to `connections` threads of
// its own, which end before the call returns.
class Mirror {
 public:
  // Takes the target's lock and loads its state. Clock and observer must outlive it. Throws Error: usage (bad
  // options), missing (no target or parent), refused (target equal to or inside the source), locked (naming
  // the holder), corrupt (state of a newer recentd), io, transport (rsync missing or too old). Nothing is
  // changed in the target on error. When the clock's stop is requested, a running rsync is ended and the work
  // stops at its next safe point.
  Mirror(MirrorOptions options, Clock& clock, Observer& observer);
  // Gives the lock back. What was saved is all there is to keep.
  ~Mirror();
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  // One shot: works until up to date, at most three attempts with pauses of 2 and 4 seconds. Throws Error:
  // missing, transport, corrupt, io, refused (deletes above max_delete, or an upstream that was rolled back;
  // all else is done as far as it can be), incomplete (with what is missing in last_report(), or stopped).
  MirrorReport run_once();
  // Follows the upstream until the clock's stop is requested (then returns, or throws Error{refused} if
  // deletes are held back) or poll.max_errors is reached (throws the last one). All other trouble is told to
  // the observer and tried again, see recentd-mirror(7), FAILING POLITELY. If another directory takes the
  // target's place it begins there as a new process would; throws Error if that is refused, and is of no use
  // then.
  void run_loop();
  // Fetches just these paths (relative to the tree) in one connection, no index involved; Perl's
  // get_remotefile and mirror_path. Throws Error: refused (names of index files, paths that leave the tree),
  // incomplete (naming the first that did not come), and as run_once().
  MirrorReport fetch_paths(const std::vector<std::string>& paths);
  // The report of the last run_once() or fetch_paths(), also after it threw; of a loop, that of its last
  // pass. Valid until the next call.
  [[nodiscard]] const MirrorReport& last_report() const noexcept;

 private:
  struct Impl;
  void begin_anew();
  std::unique_ptr<Impl> impl_;  // empty only after a loop that could not go on
};

}  // namespace recentd
