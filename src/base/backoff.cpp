#include "base/backoff.hpp"

#include <algorithm>

namespace recentd {
namespace {

constexpr double k_retry_spread = 0.25;
constexpr std::uint64_t k_turned_away_factor = 8;
constexpr std::uint64_t k_doublings_max = 32;  // far beyond any limit, far below an overflow

}  // namespace

// SplitMix64: the standard engines' distributions differ between libraries.
double Jitter::next() noexcept {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
  mixed ^= mixed >> 31;
  return static_cast<double>(mixed >> 11) * 0x1.0p-53;
}

std::chrono::nanoseconds Backoff::failed(const RetryTimes& times, Trouble trouble, Jitter& jitter) noexcept {
  const double first = static_cast<double>(times.first.count()) *
                       (trouble == Trouble::turned_away ? static_cast<double>(k_turned_away_factor) : 1.0);
  const double doubled =
      first * static_cast<double>(std::uint64_t{1} << std::min(failures_, k_doublings_max));
  ++failures_;
  const auto limit = std::max(times.longest, times.first);
  const auto whole = doubled < static_cast<double>(limit.count())
                         ? std::chrono::nanoseconds(static_cast<std::int64_t>(doubled))
                         : limit;
  return whole - std::chrono::nanoseconds(static_cast<std::int64_t>(static_cast<double>(whole.count()) *
                                                                    k_retry_spread * jitter.next()));
}

}  // namespace recentd
