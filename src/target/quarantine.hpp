#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/fsync.hpp>
#include <recentd/path.hpp>

#include "base/log_throttle.hpp"
#include "base/utc.hpp"
#include "sys/tree/dir.hpp"

namespace recentd::target {

// Where a mirror's deletes go instead of being gone: a directory beside the target, on the same file system,
// with one sub-directory for each round of deletes (a generation), named after its time. Below it each file
// keeps its path, so that several generations of one path are kept. Nothing is ever replaced. The caller
// holds the target's lock.
class Quarantine {
 public:
  enum class Open { make, existing };
  // Throws Error: refused (inside the target or around it, on another file system, another target's, or a
  // directory with something else in it), missing, io.
  Quarantine(const std::string& directory, const sys::Dir& target, Clock& clock, Open how);

  [[nodiscard]] const std::string& path() const noexcept { return dir_.path(); }

  // Moves a file or link of the target here, into the generation that is open, or a new one.
  sys::Dir::Move take(const RelPath& path);
  // What is taken from now on belongs to a new generation.
  void close_generation() { open_.reset(); }

  struct Generation {
    std::string name;
    Utc time;
  };
  // Newest first. Other names in the directory are not ours and left alone.
  [[nodiscard]] std::vector<Generation> generations() const;
  // The files of a generation; nothing if it is gone.
  [[nodiscard]] std::optional<sys::Dir> open(const Generation& generation) const;
  // Takes the generation's directory away if nothing is in it any more.
  void drop_if_empty(const Generation& generation) const;

  // Removes the generations that are older than `keep`, at most one look an hour. A clock that has jumped
  // ahead by a month and more is not believed for a day. What cannot be removed stops nothing else. Returns
  // how many went.
  std::uint64_t sweep(std::chrono::nanoseconds keep);

 private:
  void mark();
  void read_marker();
  void write_marker(Fsync fsync) const;
  void probe() const;
  bool believes_clock(std::chrono::nanoseconds keep);
  void open_generation();
  // False if something of it cannot be removed, which is told ever more rarely.
  bool remove(const Generation& generation);

  const sys::Dir& target_;
  Clock& clock_;
  sys::Dir dir_;
  std::optional<sys::Dir> open_;
  std::string owner_;                         // the target that the marker names
  std::int64_t seen_s_ = 0, believed_s_ = 0;  // wall clock at the last look; from when on it is believed
  std::optional<std::chrono::nanoseconds> looked_at_;
  ReminderThrottle reminder_;  // of what cannot be removed
};

// Remembers and finds the quarantine that a target uses: the file `.recentd/quarantine`.
void note_quarantine(const std::string& target, const std::string& directory);
std::optional<std::string> noted_quarantine(const std::string& target);

}  // namespace recentd::target
