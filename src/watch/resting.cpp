#include "watch/resting.hpp"

#include <algorithm>

namespace recentd::watch {

void Resting::note(std::string path, std::chrono::nanoseconds due) {
  if (due_.size() >= k_paths_max && !due_.contains(path)) {
    overflow_ = std::max(overflow_.value_or(due), due);
  } else {
    due_.insert_or_assign(std::move(path), due);
  }
}

void Resting::forget(std::string_view path) {
  if (const auto at = due_.find(path); at != due_.end()) due_.erase(at);
}

std::vector<std::string> Resting::take_due(std::chrono::nanoseconds now) {
  std::vector<std::string> taken;
  std::erase_if(due_, [&](const auto& one) {
    if (one.second > now) return false;
    taken.push_back(one.first);
    return true;
  });
  return taken;
}

bool Resting::take_overflow(std::chrono::nanoseconds now) {
  if (!overflow_ || *overflow_ > now) return false;
  overflow_.reset();
  return true;
}

}  // namespace recentd::watch
