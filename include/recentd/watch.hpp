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

// Following an origin's tree: what changes on disk becomes events of its index.

struct WatchOptions {
  enum class Method {
    automatic,  // fanotify where the kernel, our privileges and the tree allow it
    inotify,    // a watch for each directory
    fanotify,   // one mark for the whole file system
  };
  Method method = Method::automatic;
  std::chrono::nanoseconds batch_delay = std::chrono::milliseconds(500);  // from a change to its event
  std::size_t batch_size = 20000;                                 // events in one writing of the index
  std::chrono::nanoseconds aggregate = std::chrono::seconds(60);  // zero: never
  // Deletes, found by a comparison of disk and index or told by the kernel within a minute, count only within
  // this limit; what is more is held back until files are there again or the index has lost them otherwise.
  DeleteLimit max_delete = DeleteLimit::usual();
  PathFilter filter;                        // what it does not want is neither announced nor deleted
  std::optional<std::string> filenameroot;  // which index set
  std::string state_directory;              // where it is kept when all was in the index; empty: the default
};

// Is told what a watcher does, from its thread. Each function may be left as it is.
class WatchObserver {
 public:
  virtual ~WatchObserver() = default;
  // The index tells what is on disk; from now on changes are followed. `method`: "inotify" or "fanotify".
  virtual void ready(std::string_view method);
  // An event is in the index.
  virtual void registered(std::string_view path, EventType type);
  // A batch is in the index, or an aggregation is done.
  virtual void round_done();
  // Something is wrong that may pass; it is tried again.
  virtual void trouble(std::string_view message);
  // Called every few seconds, and whenever something was done.
  virtual void alive();
};

// Follows one tree. At the start, and whenever the kernel lost count, disk and index are compared; so nothing
// that happened is ever missed, only told later. What goes wrong while it runs (a lock, a full disk, a broken
// index, a root that is away) is told and tried again.
// Not for use from two threads, but for the clock's stop.
class Watch {
 public:
  // `tree` as for Origin::open(). Clock and observer must outlive it.
  Watch(std::string tree, WatchOptions options, WriterOptions writer, Clock& clock, WatchObserver& observer);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Works until the clock's stop is requested; then what was seen is written and it returns. Throws Error if
  // it cannot begin: no tree or index, a broken index, a mirror's target, no way to be told of changes.
  void run();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace recentd
