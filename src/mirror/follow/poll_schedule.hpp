#pragma once

#include <chrono>

#include "base/backoff.hpp"

namespace recentd::mirror {

// The rhythm of polls while all goes well.
struct PollTimes {
  std::chrono::nanoseconds period{0};   // from the start of one poll to the start of the next
  std::chrono::nanoseconds minimum{0};  // likewise, whatever the period says
};

// How long to rest after a poll that began at `start` and is over at `now`, both on one steady clock. Up to a
// tenth of the period is added by chance, so that the mirrors of one upstream spread.
std::chrono::nanoseconds rest_after_poll(const PollTimes& times, std::chrono::nanoseconds start,
                                         std::chrono::nanoseconds now, Jitter& jitter) noexcept;

}  // namespace recentd::mirror
