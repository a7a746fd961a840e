#include "watch/held_deletes.hpp"

#include <algorithm>

namespace recentd::watch {

namespace {

constexpr std::chrono::nanoseconds k_pause = std::chrono::minutes(1);
constexpr std::chrono::nanoseconds k_pause_max = std::chrono::hours(1);

}  // namespace

HeldDeletes::HeldDeletes(const DeleteLimit& limit, std::chrono::nanoseconds now)
    : flood_(limit), pause_(k_pause), again_(now + k_pause) {}

bool HeldDeletes::set(std::uint64_t count, std::chrono::nanoseconds now) {
  count_ = count;
  if (count_ > 0) return reminders_.due(now, count_);
  reminders_.over();
  return false;
}

bool HeldDeletes::hold(const Turnover& turnover, std::uint64_t present, std::chrono::nanoseconds now) {
  if (flood_.allows(turnover, present, now) || turnover.went == 0) return false;
  if (count_ == 0) {
    pause_ = k_pause;
    again_ = now + pause_;
  }
  return true;
}

bool HeldDeletes::look_again(std::chrono::nanoseconds now) {
  if (count_ == 0 || now < again_) return false;
  pause_ = std::min(pause_ * 2, k_pause_max);
  again_ = now + pause_;
  return true;
}

}  // namespace recentd::watch
