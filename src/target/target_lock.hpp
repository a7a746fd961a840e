#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <recentd/clock.hpp>

#include "sys/file/file_lock.hpp"

namespace recentd::target {

// The operation lock of a mirror's target: held by whatever changes it. Ends with the process and with the
// children that inherit fd().
class TargetLock {
 public:
  // `private_directory` exists. Waits only for the rsyncs of a holder that is dead, and ends those that do
  // not end by themselves. Throws Error{locked} naming the holder, Error{io}.
  TargetLock(const std::string& target, const std::string& private_directory, Clock& clock);
  [[nodiscard]] int fd() const noexcept { return lock_.fd(); }

 private:
  sys::FileLock lock_;
};

// The right to work on a target just now, for as long as a pass takes: whoever follows an upstream owns the
// target for good, and would else never let anybody in between.
class Turn {
 public:
  // Waits for it; `on_wait` is called once if it takes more than some seconds, with the process that has it
  // (0: not known). Nothing if the clock's stop is requested. Throws Error{io}.
  static std::optional<Turn> take(const std::string& private_directory, Clock& clock,
                                  const std::function<void(int holder)>& on_wait = {});

 private:
  explicit Turn(std::optional<sys::FileLock> lock) : lock_(std::move(lock)) {}
  std::optional<sys::FileLock> lock_;
};

// For whoever wants a target to stay as it is for a while: no mirror begins, and one that follows waits
// behind its pass.
class TargetPause {
 public:
  // Waits for the pass that is under way, or a process that works once, for `timeout` at most. Throws
  // Error{locked} naming the holder, Error{io}.
  TargetPause(const std::string& target, const std::string& private_directory,
              std::chrono::nanoseconds timeout, Clock& clock);
  // Programs that this process becomes or starts keep it, and know of it. Throws Error{io}.
  void hand_down() const;

 private:
  std::optional<sys::FileLock> owner_;  // nobody else has the target
  std::optional<sys::FileLock> turn_;
};

// The process that holds, or held last, the lock of this private directory and is alive; nothing if there is
// none. A look only: nothing is locked.
std::optional<int> process_at_work(const std::string& private_directory);

}  // namespace recentd::target
