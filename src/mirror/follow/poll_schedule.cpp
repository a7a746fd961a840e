#include "mirror/follow/poll_schedule.hpp"

#include <algorithm>

namespace recentd::mirror {
namespace {

constexpr double k_poll_spread = 0.1;

}  // namespace

std::chrono::nanoseconds rest_after_poll(const PollTimes& times, std::chrono::nanoseconds start,
                                         std::chrono::nanoseconds now, Jitter& jitter) noexcept {
  const auto next = start + std::max(times.period, times.minimum) +
                    std::chrono::nanoseconds(static_cast<std::int64_t>(
                        static_cast<double>(times.period.count()) * k_poll_spread * jitter.next()));
  return std::max(next - now, std::chrono::nanoseconds::zero());
}

}  // namespace recentd::mirror
