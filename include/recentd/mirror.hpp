#pragma once

#include <memory>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/mirror_report.hpp>
#include <recentd/observer.hpp>

namespace recentd {

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
  // options), missing (no target or parent), refused (a wrong place for a target: recentd-mirror(7), The
  // wrong place), locked (naming the holder), corrupt (state of a newer recentd), io, transport (rsync
  // missing or too old). Nothing is changed in the target on error. When the clock's stop is requested, a
  // running rsync is ended and the work stops at its next safe point.
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
