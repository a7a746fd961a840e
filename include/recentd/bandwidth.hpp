#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd {

// How many bytes a second a mirror may transfer, by the time of day: "5M", or a timetable such as
// "08:00-20:00 5M, 20:00-22:00 20M, else unlimited". See recentd(1), recentd mirror, --bwlimit.
//
//   MirrorOptions options;
//   if (const auto plan = Bandwidth::parse("08:00-20:00 5M, else unlimited")) options.connect.bwlimit =
//   *plan;
//
// Value type without a clock of its own: whoever holds one asks it anew before each call of rsync, so a
// change takes effect with the next call and not in the middle of one, see recentd-mirror(7), Batches.
class Bandwidth {
 public:
  // No limit at any time.
  Bandwidth() = default;
  // RATE, or windows HH:MM-HH:MM RATE divided by commas, the first that holds counts, and `else RATE` (or
  // nothing: no limit) for the rest of the day. A window may run over midnight; its end does not belong to
  // it. RATE: bytes a second, with K, M or G for powers of 1024, or `unlimited`. Nothing for any other text.
  static std::optional<Bandwidth> parse(std::string_view text);

  // Bytes a second at this minute of the day (0 to 1439, local time); 0: no limit. Several connections share
  // them, so each gets its part.
  [[nodiscard]] std::uint64_t at(int minute_of_day) const noexcept;
  // As the user wrote it; "unlimited" if nothing was.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  // By text and meaning: "1024" and "1K" are two plans.
  bool operator==(const Bandwidth&) const = default;

 private:
  struct Window {
    int from = 0, until = 0;  // minutes of the day
    std::uint64_t rate = 0;   // bytes a second; 0: no limit
    bool operator==(const Window&) const = default;
  };
  std::string text_ = "unlimited";
  std::vector<Window> windows_;  // in the order in which they were written
  std::uint64_t otherwise_ = 0;  // outside of all windows
};

}  // namespace recentd
