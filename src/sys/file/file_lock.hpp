#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <recentd/clock.hpp>

#include "sys/fd.hpp"

namespace recentd::sys {

// An exclusive kernel lock (flock) on a directory or file that is never removed; nothing lingers when the
// holder dies. Children that inherit fd() keep the lock until they end. Below a process that handed its lock
// down, acquiring it again is nothing: it is held already, by that process.
class FileLock {
 public:
  // Opens `path` (a directory, or a file that is created 0600 if missing) and tries to lock it.
  // Nothing if another holds it. Throws Error{missing, io}.
  static std::optional<FileLock> try_acquire(const std::string& path);
  // Retries every 10 ms until `timeout` has passed or the clock's stop is requested; then nothing.
  static std::optional<FileLock> acquire(const std::string& path, std::chrono::nanoseconds timeout,
                                         Clock& clock);

  // The place alone, not locked; for who goes on without.
  static FileLock without(const std::string& path);

  // Locks the directory that has this name, never through a link, and not one that was handed down. Nothing,
  // at once, if another holds it, it cannot be opened, or another one took its name meanwhile; `absent` says
  // whether there is none.
  static std::optional<FileLock> seize_directory(const std::string& directory, bool& absent);

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  // Lets the programs that this process becomes or starts inherit the lock and know of it, through the
  // variable RECENTD_LOCKS of the environment. Throws Error{io}.
  void hand_down() const;

 private:
  explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

// The process that the kernel names as the holder of the lock on `path`; 0 if it names none.
int flock_holder(const std::string& path);

// Signal 0: true if a process of that pid exists, also one of another user (EPERM). A zombie counts as gone.
bool process_exists(int pid) noexcept;

}  // namespace recentd::sys
