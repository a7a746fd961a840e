#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <recentd/clock.hpp>
#include <recentd/epoch.hpp>

#include "base/log_throttle.hpp"

namespace recentd::mirror {

// Decides whether an upstream stands still, and when to say so: at once, then with falling frequency;
// recentd-mirror(7), An upstream that stands still. Pure; not for use from two threads.
class Standstill {
 public:
  // 0: nothing ever does.
  explicit Standstill(std::chrono::nanoseconds max_age) : max_age_(max_age) {}

  // What is known of the principal at some moment.
  struct Look {
    std::optional<Epoch> newest;       // its newest event
    std::optional<TimePoint> written;  // when the upstream wrote its file
    TimePoint now{};
    std::chrono::nanoseconds steady{0};
  };
  struct Word {
    bool alarm = false;  // or that it is over
    std::string text;
  };
  // What to say now, if anything.
  std::optional<Word> look(const Look& look);
  [[nodiscard]] bool alarmed() const noexcept { return alarmed_; }

 private:
  [[nodiscard]] bool stands(const Look& look) const;

  std::chrono::nanoseconds max_age_;
  bool alarmed_ = false;
  ReminderThrottle reminder_;
};

}  // namespace recentd::mirror
