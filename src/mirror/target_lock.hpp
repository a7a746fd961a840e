#pragma once

#include <string>

#include <recentd/clock.hpp>

#include "sys/file_lock.hpp"

namespace recentd::mirror {

// The operation lock of a mirror's target (DECISIONS 27): held by whatever changes it. Ends with the process
// and with the children that inherit fd().
class TargetLock {
 public:
  // `private_directory` exists. Waits only for children of a holder that is dead. Throws Error{locked} naming
  // the holder, Error{io}.
  TargetLock(const std::string& target, const std::string& private_directory, Clock& clock);
  [[nodiscard]] int fd() const noexcept { return lock_.fd(); }

 private:
  sys::FileLock lock_;
};

}  // namespace recentd::mirror
