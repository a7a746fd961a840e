#include "sys/process/stall.hpp"

#include <algorithm>

namespace recentd::sys {

namespace {

using Time = StallWatch::Time;

constexpr int k_looks = 8;              // in a window
constexpr double k_signs_of_life = 64;  // bytes: rsync sends 4 in half of its time-out
constexpr Time k_never = Time::max();

double seconds(Time time) noexcept {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

Time StallWatch::next_look() const noexcept {
  if (limit_.window <= Time::zero()) return k_never;
  const Time rest = limit_.window / k_looks;
  return rest > k_never - looked_at_ ? k_never : looked_at_ + rest;
}

double StallWatch::needed(Time time) const noexcept {
  return std::max(static_cast<double>(limit_.bytes_per_s) * seconds(time), k_signs_of_life);
}

std::optional<StallWatch::Stall> StallWatch::look(Time now, std::optional<std::uint64_t> bytes) {
  if (limit_.window <= Time::zero()) return {};
  const bool slept = now - looked_at_ > limit_.window / 2;
  looked_at_ = now;
  if (!bytes || slept) looks_.clear();
  if (!bytes) return {};
  total_ += *bytes - std::min(*bytes, seen_);
  seen_ = *bytes;
  looks_.push_back({now, total_});
  while (looks_.size() > 1 && now - looks_[1].at >= limit_.window) looks_.pop_front();
  const Stall last{now - looks_.front().at, total_ - looks_.front().bytes};
  if (last.time < limit_.window || static_cast<double>(last.bytes) >= needed(last.time)) return {};
  return last;
}

}  // namespace recentd::sys
