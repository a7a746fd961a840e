#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace recentd {

// When to say again what goes on being wrong: at once, then after 10 minutes, 20, 40 and so on up to once a
// day; at once, too, when it has become more than twice as bad. Value type; not for use from two threads.
class ReminderThrottle {
 public:
  // Whether to say it now. `now`: a steady clock; `badness`: how bad it is, more than 0.
  bool due(std::chrono::nanoseconds now, std::uint64_t badness = 1) noexcept {
    const bool fresh = told_ == 0 || badness / 2 > told_;
    if (!fresh && now < again_at_) return false;
    pause_ = fresh ? k_first : std::min(pause_ * 2, k_longest);
    again_at_ = now + pause_;
    told_ = badness;
    return true;
  }
  // It is over: the next time counts as the first.
  void over() noexcept { told_ = 0; }

 private:
  static constexpr std::chrono::nanoseconds k_first = std::chrono::minutes(10);
  static constexpr std::chrono::nanoseconds k_longest = std::chrono::hours(24);
  std::uint64_t told_ = 0;
  std::chrono::nanoseconds again_at_{0}, pause_{0};
};

// Decides which of many equal troubles are worth a line: each kind the 1st, 2nd, 4th, 8th ... time in a row.
// Two messages are of one kind if they differ in numbers and quoted names alone. Pure; bounded memory.
class LogThrottle {
 public:
  // Notes one. The line to write now, with its count from the second time on; or nothing.
  std::optional<std::string> note(std::string_view message);
  // All is well again: the line to write if anything had been noted.
  std::optional<std::string> over();
  // Troubles in a row.
  [[nodiscard]] std::uint64_t count() const noexcept { return total_; }

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;  // by kind
  std::uint64_t total_ = 0;
};

// Of what others can make come by the million: the first few of each kind, and how many more there were.
// Kinds are few and named by the caller. Not for use from two threads.
class FirstFew {
 public:
  // Whether to tell this one.
  bool note(std::string_view kind);
  // Calls `tell` for each kind of which some were not told, and begins anew.
  void end(const std::function<void(std::string_view kind, std::uint64_t more)>& tell);

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;  // by kind
};

}  // namespace recentd
