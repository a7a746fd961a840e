#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <recentd/event.hpp>

namespace recentd {

struct MirrorReport;

// Told what a mirror does while it does it: for verbose output, logs, status. The default does nothing; who
// wants to hear of something overrides that:
//
//   struct Arrivals : recentd::Observer {
//     void file_synced(std::string_view, std::string_view path, bool) override { note(path); }
//   };
//
// All calls come from the thread that called the mirror; they must return soon, as the mirror waits for them,
// and not throw. Texts are valid during the call only. Names are raw bytes, relative to the tree; an interval
// is a level's, as in "6h".
class Observer {
 public:
  virtual ~Observer() = default;
  // An index file arrived from the upstream (new content or not).
  virtual void index_fetched(std::string_view /*file*/, bool /*changed*/) {}
  // A batch of `files` paths of the level is about to be transferred in one call of rsync.
  virtual void batch_started(std::string_view /*interval*/, std::size_t /*files*/) {}
  // A path was confirmed: `existed` tells that a local file of that name was there before. The index that
  // names it may not be visible yet.
  virtual void file_synced(std::string_view /*interval*/, std::string_view /*path*/, bool /*existed*/) {}
  // A path was removed locally, or moved to the quarantine.
  virtual void file_deleted(std::string_view /*interval*/, std::string_view /*path*/) {}
  // `deletes` of the `tree` files that the index named before are more than max_delete; they wait for the
  // operator. Told in each pass in which they wait; recentd-mirror(7), The guard.
  virtual void deletes_held(std::uint64_t /*deletes*/, std::uint64_t /*tree*/) {}
  // A path named by the index is not there at the upstream, and counts as done; recentd-mirror(7), Paths that
  // cannot be had.
  virtual void file_gone(std::string_view /*path*/) {}
  // A level's index became visible to downstream mirrors: all that it names is here.
  virtual void published(std::string_view /*file*/) {}
  // The upstream rewrote its history: everything is checked again. recentd-mirror(7), Dirtymark.
  virtual void dirtymark_changed(std::string_view /*from*/, std::string_view /*to*/) {}
  // In a loop: a poll and all that it found to do is over, well or not.
  virtual void poll_ended(const MirrorReport& /*report*/) {}
  // Waiting for `seconds` before the next poll.
  virtual void sleeping(double /*seconds*/) {}
  // Something went wrong and will be tried again; a line for the user. Each time, while the log tells it with
  // falling frequency.
  virtual void trouble(std::string_view /*message*/) {}
};

}  // namespace recentd
