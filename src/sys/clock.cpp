#include <algorithm>

#include <errno.h>
#include <poll.h>
#include <time.h>

#include <recentd/clock.hpp>

#include "sys/signals.hpp"

namespace recentd {

namespace {

std::chrono::nanoseconds reading(clockid_t id) noexcept {
  timespec time{};
  clock_gettime(id, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

class SystemClock : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return TimePoint(reading(CLOCK_REALTIME)); }
  [[nodiscard]] std::chrono::nanoseconds steady() const override { return reading(CLOCK_MONOTONIC); }

  void sleep_for(std::chrono::nanoseconds duration) override {
    using namespace std::chrono;
    // A century at most, so that the sum cannot overflow.
    const nanoseconds end = steady() + std::min<nanoseconds>(duration, hours(24 * 365 * 100));
    for (nanoseconds left = end - steady(); left > nanoseconds::zero(); left = end - steady()) {
      if (sys::stop_requested()) return;
      const auto whole = duration_cast<seconds>(left);
      const timespec wait{whole.count(), (left - whole).count()};
      pollfd wake{sys::stop_fd(), POLLIN, 0};
      ::ppoll(&wake, 1, &wait, nullptr);
    }
  }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

}  // namespace recentd
