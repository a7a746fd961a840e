#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <recentd/clock.hpp>
#include <recentd/delete_limit.hpp>
#include <recentd/event.hpp>
#include <recentd/origin.hpp>
#include <recentd/path_filter.hpp>

namespace recentd {

// Following an origin's tree: what changes on disk becomes events of its index. What counts as a change is
// told in recentd(1), recentd watch.
//
//   WatchObserver quiet;
//   Watch watch("/srv/pub", {.filter = filter}, {}, system_clock(), quiet);
//   watch.run();  // until the clock's stop is requested

// Each is an option there, too.
struct WatchOptions {
  enum class Method {
    automatic,  // fanotify where the kernel, our privileges and the tree allow it
    inotify,    // a watch for each directory; where the kernel has none left, a look now and then
    fanotify,   // one mark for the whole file system; needs root's privileges and Linux 5.9
  };
  Method method = Method::automatic;
  std::chrono::nanoseconds batch_delay = std::chrono::milliseconds(500);  // from a change to its event
  std::size_t batch_size = 20000;                                 // events in one writing of the index
  std::chrono::nanoseconds aggregate = std::chrono::seconds(60);  // zero: never
  // Deletes, found by a comparison of disk and index or told by the kernel within a minute, count only within
  // this limit; what is more is held back until files are there again or the index has lost them otherwise.
  DeleteLimit max_delete = DeleteLimit::usual();
  PathFilter filter = {};                        // what it does not want is neither announced nor deleted
  std::optional<std::string> filenameroot = {};  // which index set, where a tree holds several
  // Where it is kept up to when all was in the index, so that the next start finds files that were replaced
  // by ones of the same size and time, too; empty: a directory of the tree's own in the default place.
  std::string state_directory = {};
};

// Is told what a watcher does, from the thread that called run(). Each function may be left as it is; none
// may throw, and the watcher waits for each. Texts are valid during the call only.
class WatchObserver {
 public:
  virtual ~WatchObserver() = default;
  // The index tells what is on disk; from now on changes are followed. `method`: "inotify" or "fanotify".
  // Again after another directory came into the root's place.
  virtual void ready(std::string_view method);
  // An event is in the index; with WriterOptions::dry_run it would be. The path is raw bytes.
  virtual void registered(std::string_view path, EventType type);
  // A batch is in the index, or an aggregation is done.
  virtual void round_done();
  // Something is wrong that may pass; it is tried again, ever later, up to once a minute. A line for the
  // user.
  virtual void trouble(std::string_view message);
  // Called every few seconds, and whenever something was done; for a watchdog.
  virtual void alive();
};

// Follows one tree. At the start, and whenever the kernel lost count, disk and index are compared; so nothing
// that happened is ever missed, only told later. What goes wrong while it runs (a lock, a full disk, a broken
// index, a root that is away) is told and tried again. Others may write the same index meanwhile.
//
// Not for use from two threads, but for the clock's stop; several may run in a thread each.
class Watch {
 public:
  // `tree` as for Origin::open(), writer as for its updates. Clock and observer must outlive it. Looks at
  // nothing yet.
  Watch(std::string tree, WatchOptions options, WriterOptions writer, Clock& clock, WatchObserver& observer);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Works until the clock's stop is requested; then what was seen is written and it returns. Throws Error if
  // it cannot begin: missing (no tree or index), corrupt (a broken index), refused (a mirror's target), io
  // (no way to be told of changes), usage.
  void run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace recentd
