#include "mirror/transfer/batch_size.hpp"

#include <algorithm>

namespace recentd::mirror {
namespace {

constexpr std::size_t k_first = 1000, k_fewest = 8;
constexpr double k_wanted_s = 4;
constexpr double k_most_at_once = 5, k_least_at_once = 0.125;  // between one transfer and the next

}  // namespace

BatchSize::BatchSize(std::size_t limit) : limit_(limit), next_(std::min(limit, k_first)) {}

std::size_t BatchSize::likely() const noexcept {
  return measured_ ? next_ : std::min(limit_, next_ * static_cast<std::size_t>(k_most_at_once));
}

void BatchSize::note(std::size_t files, std::chrono::nanoseconds took) noexcept {
  measured_ = measured_ || files != 0;
  const double seconds = std::max(std::chrono::duration<double>(took).count(), 1e-3);
  const double factor = std::clamp(k_wanted_s / seconds, k_least_at_once, k_most_at_once);
  if (files == 0 || (files < next_ && factor > 1)) return;
  const auto wanted = static_cast<std::size_t>(static_cast<double>(files) * factor);
  next_ = std::clamp(wanted, std::min(k_fewest, limit_), limit_);
}

}  // namespace recentd::mirror
