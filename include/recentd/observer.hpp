#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <recentd/event.hpp>

namespace recentd {

struct MirrorReport;

// Told what a mirror does while it does it: for verbose output, logs, status. All calls come from the
// mirror's own thread; they must return soon and not throw. Names are raw bytes. The default does nothing.
class Observer {
 public:
  virtual ~Observer() = default;
  // An index file arrived from the upstream (new content or not).
  virtual void index_fetched(std::string_view /*file*/, bool /*changed*/) {}
  // A batch of `files` paths of the level is about to be transferred, `done` paths of it having been before.
  virtual void batch_started(std::string_view /*interval*/, std::size_t /*files*/) {}
  // A path was confirmed: `existed` tells that a local file of that name was there before.
  virtual void file_synced(std::string_view /*interval*/, std::string_view /*path*/, bool /*existed*/) {}
  // A path was removed locally.
  virtual void file_deleted(std::string_view /*interval*/, std::string_view /*path*/) {}
  // `deletes` of the `tree` files that the index named before are more than max_delete; they wait for the
  // operator. Told in each pass in which they wait.
  virtual void deletes_held(std::uint64_t /*deletes*/, std::uint64_t /*tree*/) {}
  // A path named by the index is gone at the upstream; it counts as done.
  virtual void file_gone(std::string_view /*path*/) {}
  // A level's index became visible to downstream mirrors.
  virtual void published(std::string_view /*file*/) {}
  // The upstream rewrote its history: everything is checked again.
  virtual void dirtymark_changed(std::string_view /*from*/, std::string_view /*to*/) {}
  // In a loop: a poll and all that it found to do is over, well or not.
  virtual void poll_ended(const MirrorReport& /*report*/) {}
  // Waiting for `seconds` before the next poll.
  virtual void sleeping(double /*seconds*/) {}
  // Something went wrong and will be tried again.
  virtual void trouble(std::string_view /*message*/) {}
};

}  // namespace recentd
