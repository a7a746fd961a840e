#pragma once

#include <chrono>
#include <cstdint>

#include <recentd/delete_limit.hpp>

#include "base/log_throttle.hpp"
#include "watch/flood.hpp"

namespace recentd::watch {

// Deletes that are not told to the index because there are too many of them: how many, when the next look may
// tell more, and when it is time to remind of them. Pure: told the time. Not for use from two threads.
class HeldDeletes {
 public:
  HeldDeletes(const DeleteLimit& limit, std::chrono::nanoseconds now);

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  // How many there are now. True if somebody has to be told.
  bool set(std::uint64_t count, std::chrono::nanoseconds now);
  // Whether the deletes of a round have to be held back: they may be one accident that the kernel tells of
  // file by file. `present`: files that the index tells to be there.
  bool hold(const Turnover& turnover, std::uint64_t present, std::chrono::nanoseconds now);
  // Whether to compare disk and index once more; the next time comes later, as a comparison reads the whole
  // tree.
  bool look_again(std::chrono::nanoseconds now);

 private:
  std::uint64_t count_ = 0;
  Flood flood_;
  ReminderThrottle reminders_;
  std::chrono::nanoseconds pause_, again_;
};

}  // namespace recentd::watch
