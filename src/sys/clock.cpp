#include <algorithm>
#include <array>

#include <errno.h>
#include <poll.h>
#include <time.h>

#include <recentd/clock.hpp>

namespace recentd {

namespace {

std::chrono::nanoseconds reading(clockid_t id) noexcept {
  timespec time{};
  clock_gettime(id, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// A sleeper shows life now and then (Stop::last_asked()).
constexpr std::chrono::nanoseconds k_slice = std::chrono::seconds(5);

class SystemClock : public Clock {
 public:
  explicit SystemClock(const Stop& stop) : stop_(stop) {}
  [[nodiscard]] const Stop& stop() const override { return stop_; }
  [[nodiscard]] TimePoint now() const override { return TimePoint(reading(CLOCK_REALTIME)); }
  [[nodiscard]] std::chrono::nanoseconds steady() const override { return reading(CLOCK_MONOTONIC); }

  void sleep_for(std::chrono::nanoseconds duration) override { wait_for(duration, -1); }
  void wait_for(std::chrono::nanoseconds duration, int wake) override {
    using namespace std::chrono;
    // A century at most, so that the sum cannot overflow.
    const nanoseconds end = steady() + std::min<nanoseconds>(duration, hours(24 * 365 * 100));
    for (nanoseconds left = end - steady(); left > nanoseconds::zero(); left = end - steady()) {
      if (stop_.requested()) return;
      const auto slice = std::min(left, k_slice);
      const auto whole = duration_cast<seconds>(slice);
      const timespec wait{whole.count(), (slice - whole).count()};
      std::array<pollfd, 2> looks{{{stop_.fd(), POLLIN, 0}, {wake, POLLIN, 0}}};
      ::ppoll(looks.data(), looks.size(), &wait, nullptr);
      if (looks[1].revents != 0) return;
    }
  }

 private:
  const Stop& stop_;
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock(Stop::process());
  return clock;
}

std::unique_ptr<Clock> system_clock(const Stop& stop) {
  return std::make_unique<SystemClock>(stop);
}

}  // namespace recentd
