#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <recentd/clock.hpp>

#include "recentfile/names.hpp"
#include "sys/file_lock.hpp"

namespace recentd {

// The lock directory `FILE.lock` with its `process` file that writers of the reference understand (SPEC 6.7,
// 11.2 W13, 12.1): taken with rename-in-place, honoured while its owner lives (EPERM counts as alive), broken
// when the owner is dead (within 1 s) or when it has had no owner for 60 s. Released on destruction, if still
// ours.
class LevelLock {
 public:
  // Waits up to `timeout`. Throws Error{locked} naming holder and age, Error{missing} at once if the
  // directory does not exist, Error{io} at once on other failures.
  static LevelLock acquire(const std::string& root, const std::string& level_file,
                           const std::string& filenameroot, std::chrono::nanoseconds timeout, Clock& clock);
  LevelLock(LevelLock&&) noexcept;
  LevelLock& operator=(LevelLock&&) noexcept;
  ~LevelLock();

 private:
  LevelLock(std::string directory, std::string spare, int pid);
  void release() noexcept;
  std::string directory_;  // empty once moved from
  std::string spare_;      // where the directory goes before it is taken apart
  int pid_ = 0;            // a forked child must not release its parent's lock
};

// The kernel lock on the tree's root directory, which our own processes take before any level lock (DECISIONS
// 6). Throws Error{locked} with holder if it cannot be had in time, Error{missing} if the root does not
// exist.
sys::FileLock lock_root(const std::string& root, std::chrono::nanoseconds timeout, Clock& clock);

}  // namespace recentd
