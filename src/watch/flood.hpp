#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>

#include <recentd/delete_limit.hpp>

namespace recentd::watch {

// Files that the index is about to hear of.
struct Turnover {
  std::uint64_t came = 0;  // it did not tell of them before
  std::uint64_t went = 0;
};

// Tells a flood of deletes from the daily ones: all of one minute count together, so that one that comes in
// small parts is recognised as well, and files that came make up for as many that went: a busy tree is no
// shrinking one. Pure. Not for use from two threads.
class Flood {
 public:
  explicit Flood(const DeleteLimit& limit) : limit_(limit) {}

  // `present`: files that the index tells to be there so far; `now`: a steady clock. True if it may be told
  // of those that went.
  bool allows(const Turnover& turnover, std::uint64_t present, std::chrono::nanoseconds now) {
    while (!seen_.empty() && seen_.front().at + k_period <= now) seen_.pop_front();
    std::uint64_t came = turnover.came, went = turnover.went, told = 0, came_before = 0;
    for (const auto& part : seen_) {
      came += part.turnover.came;
      went += part.turnover.went;
      told += part.told ? part.turnover.went : 0;
      came_before += part.turnover.came;
    }
    const std::uint64_t at_first = present + told - std::min(came_before, present + told);
    const bool told_too = limit_.allows(went - std::min(came, went), at_first);
    seen_.push_back({now, turnover, told_too});
    return told_too;
  }

 private:
  static constexpr std::chrono::nanoseconds k_period = std::chrono::minutes(1);
  struct Part {
    std::chrono::nanoseconds at;
    Turnover turnover;
    bool told;  // those that went do not count as present any more
  };
  DeleteLimit limit_;
  std::deque<Part> seen_;
};

}  // namespace recentd::watch
