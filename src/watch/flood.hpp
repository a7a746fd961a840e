#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

#include <recentd/delete_limit.hpp>

namespace recentd::watch {

// Tells a flood of deletes from the daily ones: all of one minute count together, so that one that comes in
// small parts is recognised as well. Pure. Not for use from two threads.
class Flood {
 public:
  explicit Flood(const DeleteLimit& limit) : limit_(limit) {}

  // `deletes` more files are gone, of `present` that the index tells to be there; `now`: a steady clock. True
  // if the index may be told.
  bool allows(std::uint64_t deletes, std::uint64_t present, std::chrono::nanoseconds now) {
    while (!seen_.empty() && seen_.front().at + k_period <= now) seen_.pop_front();
    std::uint64_t all = deletes, told = 0;
    for (const auto& part : seen_) {
      all += part.deletes;
      told += part.told ? part.deletes : 0;
    }
    const bool told_too = limit_.allows(all, present + told);
    seen_.push_back({now, deletes, told_too});
    return told_too;
  }

 private:
  static constexpr std::chrono::nanoseconds k_period = std::chrono::minutes(1);
  struct Part {
    std::chrono::nanoseconds at;
    std::uint64_t deletes;
    bool told;  // they do not count as present any more
  };
  DeleteLimit limit_;
  std::deque<Part> seen_;
};

}  // namespace recentd::watch
