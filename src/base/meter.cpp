#include "base/meter.hpp"

#include <algorithm>

namespace recentd {

void Meter::begin(std::string_view phase, std::uint64_t total) {
  const std::lock_guard guard(mutex_);
  ++part_;
  phase_ = phase;
  done_ = bytes_ = 0;
  total_ = total;
}

void Meter::reach(std::uint64_t things) noexcept {
  auto now = done_.load(std::memory_order_relaxed);
  while (now < things && !done_.compare_exchange_weak(now, things, std::memory_order_relaxed)) {
  }
}

Meter::Look Meter::look() const {
  const std::lock_guard guard(mutex_);
  Look look{.part = part_, .phase = phase_, .done = done_, .total = total_, .bytes = bytes_};
  // Guesses may be too low; and what is added meanwhile is seen before what is expected.
  if (look.total != 0) look.total = std::max(look.total, look.done);
  return look;
}

Meter& meter() noexcept {
  static Meter the_one;
  return the_one;
}

}  // namespace recentd
