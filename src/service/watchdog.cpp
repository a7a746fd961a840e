#include "service/watchdog.hpp"

#include <algorithm>

namespace recentd::service {

namespace {

// Who waits shows life every five seconds; a shorter period asks too much.
constexpr Watchdog::Time k_silence_min = std::chrono::seconds(15);

}  // namespace

bool Watchdog::due(Time now, const std::vector<Sign>& signs, std::vector<std::string>& stuck) {
  if (now < next_) return false;
  next_ = now + period_ / 2;
  std::vector<std::string> silent;
  for (const auto& sign : signs)
    if (now - sign.last > std::max(period_, k_silence_min)) silent.push_back(sign.tree);
  for (const auto& tree : silent)
    if (std::ranges::find(silent_, tree) == silent_.end()) stuck.push_back(tree);
  silent_ = std::move(silent);
  return silent_.empty();
}

Watchdog::Time Watchdog::wait(Time now) const noexcept {
  return std::max(next_ - now, Time::zero());
}

}  // namespace recentd::service
