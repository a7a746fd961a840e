#pragma once

#include <chrono>
#include <optional>

#include <recentd/epoch.hpp>

namespace recentd {

// How far ahead of ours another clock may be; recentd-mirror(7), The future.
constexpr std::chrono::nanoseconds k_clock_slack = std::chrono::hours(1);

inline Epoch latest_believable(TimePoint now) {
  return Epoch::from_time(now + k_clock_slack);
}

// False for an event of the future; true if there is none.
inline bool is_believable(const std::optional<Epoch>& newest, TimePoint now) {
  return !newest || *newest <= latest_believable(now);
}

}  // namespace recentd
