#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/backoff.hpp"

namespace recentd::upstream {

// What a web server shows in the principal's place, held against the copy that came from the source.
enum class OnShow : std::uint8_t {
  same,
  ahead,     // events that are newer, or the same ones told anew
  behind,    // what the source showed before
  stranger,  // an index under another dirtymark
  nothing,   // no answer, or no index
};

// Decides whether the web server that is polled in the source's place may be believed when it shows nothing
// new. Believed is only the very copy that is here, and not for ever: the source itself is asked now and
// then, as it alone knows. Pure: told the time and what was seen.
class PollTrust {
 public:
  using Time = std::chrono::nanoseconds;
  struct Times {
    RetryTimes retries;
    Time check_interval = std::chrono::minutes(5);  // between two polls of the source, whatever is shown
    Time max_lag = std::chrono::minutes(2);         // for so long it may show what is not the source's
  };
  PollTrust(Times times, std::uint64_t seed) : times_(times), jitter_(seed) {}

  // Whether to look at it at all.
  [[nodiscard]] bool may_look(Time now) const noexcept;
  // The source is asked now.
  void source_asked(Time now) noexcept { asked_at_ = now; }

  struct Verdict {
    bool no_news = false;             // the source need not be asked
    std::optional<Time> wrong_since;  // it is wrong: since when; left alone for a while
  };
  // After a look. `pause`: how long it wishes not to be asked.
  Verdict seen(OnShow what, Time now, Time pause = {}) noexcept;

 private:
  Times times_;
  Jitter jitter_;
  Backoff backoff_;
  Time rests_until_{0};
  std::optional<Time> asked_at_, differs_since_;
};

}  // namespace recentd::upstream
