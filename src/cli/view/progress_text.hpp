#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/meter.hpp"

namespace recentd::cli {

// What is said of work that lasts.
struct ProgressFigures {
  std::string phase;
  std::uint64_t done = 0, total = 0, bytes = 0;   // as Meter::Look has them
  std::uint64_t per_s = 0, bytes_per_s = 0;       // lately
  std::optional<std::chrono::seconds> left = {};  // at that rate; nothing: cannot be told
};

// Makes figures of looks at a meter: the rates are those of the last ten seconds, since what was long ago
// tells little of what comes. Not for use from two threads.
class ProgressRates {
 public:
  using Time = std::chrono::nanoseconds;
  // `now`: a steady clock. Nothing: nothing lasts.
  std::optional<ProgressFigures> note(const Meter::Look& look, Time now);

 private:
  struct Point {
    Time at;
    std::uint64_t done, bytes;
  };
  std::uint64_t part_ = 0;
  std::deque<Point> points_;
};

// "transferring: 1,234 of 20,000, 12.3 MB, 950/s, 3.1 MB/s, 20 s left", no longer than so many columns.
std::string progress_line(const ProgressFigures& figures, std::size_t columns);
// The same as a JSON object: {"phase": "transferring", "done": 1234, ...}.
std::string progress_json(const ProgressFigures& figures);

}  // namespace recentd::cli
