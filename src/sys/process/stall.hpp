#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace recentd::sys {

// How much has to move for a thing not to count as standing still.
struct StallLimit {
  std::chrono::nanoseconds window{0};  // looked at as a whole; 0: nothing ever stands still
  std::uint64_t bytes_per_s = 0;       // over a window; 0: a few more bytes than a sign of life has
};

// Tells progress from standing still by how many bytes came in the last window, whatever else the other side
// does to look alive. Pure: told the time and how many bytes came so far, it says whether to go on. Found out
// within an eighth of a window. Where nobody looked for half a window (we were stopped, or busy ourselves),
// the window begins anew, as nothing is known of that time.
class StallWatch {
 public:
  using Time = std::chrono::nanoseconds;
  struct Stall {
    Time time{0};
    std::uint64_t bytes = 0;  // all that came in that time
  };

  StallWatch(StallLimit limit, Time now) noexcept : limit_(limit), looked_at_(now) {}

  // When to look next.
  [[nodiscard]] Time next_look() const noexcept;
  // `bytes`: all that came so far; nothing if that cannot be learned. If they are fewer than before, somebody
  // who counted ended. The answer is what makes it count as standing still.
  [[nodiscard]] std::optional<Stall> look(Time now, std::optional<std::uint64_t> bytes);

 private:
  struct Look {
    Time at;
    std::uint64_t bytes;
  };
  [[nodiscard]] double needed(Time time) const noexcept;

  StallLimit limit_;
  Time looked_at_;
  std::uint64_t seen_ = 0;   // as told last
  std::uint64_t total_ = 0;  // never falls
  std::deque<Look> looks_;   // the first one is a window old, or there is none as old
};

}  // namespace recentd::sys
