#pragma once

#include <optional>
#include <string>

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

// The process that holds, or held last, the lock of this private directory and is alive; nothing if there is
// none. A look only: nothing is locked.
std::optional<int> process_at_work(const std::string& private_directory);

}  // namespace recentd::target
