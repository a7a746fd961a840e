#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>

#include "recentfile/names.hpp"
#include "sys/file/file_lock.hpp"
#include "sys/file/leased_file.hpp"

namespace recentd {

// Lock directories of one process and tree that stand ready between two locks, so that a long series of
// updates does not make and remove one each time: at most as many as were ever held at once. They are removed
// with this object. Not for use from two threads at once; must outlive the locks that use it.
class SpareLocks {
 public:
  SpareLocks() = default;
  SpareLocks(const SpareLocks&) = delete;
  SpareLocks& operator=(const SpareLocks&) = delete;
  ~SpareLocks();

 private:
  friend class LevelLock;
  [[nodiscard]] std::string take();
  void put(std::string spare);
  std::vector<std::string> ready_;
  int pid_ = 0;  // what a parent has ready is not its forked child's
};

// The lock directory `FILE.lock` with its `process` file that Perl's writers understand (recentfile(5),
// Locks): taken with rename-in-place, honoured while its owner lives (EPERM counts as alive), broken when the
// owner has been dead for 1.5 s, or at the end of a shorter timeout, or when it has had no owner for 60 s.
// Released on destruction, if still ours.
class LevelLock {
 public:
  // Waits up to `timeout`; uses and feeds `spares` if there are some. Throws Error{locked} naming holder and
  // age, Error{missing} at once if the directory does not exist, Error{io} at once on other failures.
  static LevelLock acquire(const std::string& root, const std::string& level_file,
                           const std::string& filenameroot, std::chrono::nanoseconds timeout, Clock& clock,
                           SpareLocks* spares = nullptr);
  LevelLock(LevelLock&&) noexcept;
  LevelLock& operator=(LevelLock&&) noexcept;
  ~LevelLock();

 private:
  LevelLock(std::string directory, std::string key, std::string spare, SpareLocks* spares,
            std::optional<sys::LeasedFile> lease);
  void release() noexcept;
  std::string directory_;  // empty once moved from
  std::string key_;        // the same for each spelling of the directory
  std::string spare_;      // where the directory goes before it is taken apart
  SpareLocks* spares_ = nullptr;
  int pid_ = 0;                           // a forked child must not release its parent's lock
  std::optional<sys::LeasedFile> lease_;  // of our number in it, see lease_lock_owners()
};

// Whether this thread holds the lock of that level already, by another object: it must not wait for itself.
bool this_thread_holds(const std::string& root, const std::string& level_file);

// The kernel lock on the tree's root directory, which our own processes take before any level lock: a crash
// frees it. Who may read the directory can hold it, too; one who may not write there is not waited for, since
// the levels' locks keep writers apart without it. Throws Error{locked} with holder if it cannot be had in
// time, at once if this thread holds a lock in the tree, Error{missing} if the root does not exist.
sys::FileLock lock_root(const std::string& root, std::chrono::nanoseconds timeout, Clock& clock);

}  // namespace recentd
