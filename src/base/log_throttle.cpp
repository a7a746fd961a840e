#include "base/log_throttle.hpp"

#include <bit>
#include <utility>

#include "base/text.hpp"

namespace recentd {
namespace {

constexpr std::size_t k_kinds_max = 32;  // an upstream that invents words gets one count for the rest of them

constexpr std::uint64_t k_first_few = 10;

std::string kind_of(std::string_view message) {
  std::string kind;
  bool inside = false;
  for (const char c : message) {
    if (c == '\'' || c == '"') inside = !inside;
    if (!inside && (c < '0' || c > '9')) kind += c;
  }
  return kind;
}

}  // namespace

std::optional<std::string> LogThrottle::note(std::string_view message) {
  ++total_;
  auto kind = kind_of(message);
  if (counts_.size() >= k_kinds_max && !counts_.contains(kind)) kind.clear();
  const auto count = ++counts_[std::move(kind)];
  if (!std::has_single_bit(count)) return {};
  return count == 1 ? std::string(message) : cat(message, " (", count, " times in a row)");
}

std::optional<std::string> LogThrottle::over() {
  if (total_ == 0) return {};
  auto line = cat("all is well again after ", total_, total_ == 1 ? " failure" : " failures");
  counts_.clear();
  total_ = 0;
  return line;
}

bool FirstFew::note(std::string_view kind) {
  auto count = counts_.find(kind);
  if (count == counts_.end()) count = counts_.emplace(kind, 0).first;
  return ++count->second <= k_first_few;
}

void FirstFew::end(const std::function<void(std::string_view kind, std::uint64_t more)>& tell) {
  for (const auto& [kind, count] : std::exchange(counts_, {}))
    if (count > k_first_few) tell(kind, count - k_first_few);
}

}  // namespace recentd
