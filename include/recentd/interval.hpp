#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd {

// A time span such as "1h", "6h", "1Q", or "Z" for everything (recentfile(5), INTERVALS).
// Value type that keeps its spelling; ordered and compared by seconds() through the functions below.
class Interval {
 public:
  // digits+ and one of s m h d W M Q Y, or "Z"; nothing for anything else or an overflow.
  static std::optional<Interval> parse(std::string_view spec);

  [[nodiscard]] const std::string& spec() const noexcept { return spec_; }
  // Length in seconds; INT64_MAX for Z.
  [[nodiscard]] std::int64_t seconds() const noexcept { return seconds_; }
  [[nodiscard]] bool is_z() const noexcept { return spec_ == "Z"; }
  bool operator==(const Interval&) const = default;  // same spelling

 private:
  Interval(std::string spec, std::int64_t seconds) : spec_(std::move(spec)), seconds_(seconds) {}
  std::string spec_;
  std::int64_t seconds_;
};

// The levels of a tree in order: the principal, then the aggregator's intervals that are longer, ascending,
// one spelling per length. Each entry that was left out is explained in *remarks if given.
// Throws Error{corrupt} on an invalid spec, naming it.
std::vector<Interval> level_order(const Interval& principal, const std::vector<std::string>& aggregator,
                                  std::vector<std::string>* remarks = nullptr);

}  // namespace recentd
