#include <algorithm>

#include <recentd/done.hpp>

namespace recentd {

void Done::add(const EpochView& a, const EpochView& b) {
  EpochView high = std::max(a, b), low = std::min(a, b);
  const auto above = [&](const Range& range) { return range.low.view() > high; };
  const auto first = std::partition_point(ranges_.begin(), ranges_.end(), above);
  const auto touches = [&](const Range& range) { return range.high.view() >= low; };
  const auto last = std::partition_point(first, ranges_.end(), touches);
  if (first == last) {
    ranges_.insert(first, {Epoch(high), Epoch(low)});
    return;
  }
  // The text that is there stays where the values are equal.
  if (high > first->high.view()) first->high = Epoch(high);
  first->low = low < std::prev(last)->low.view() ? Epoch(low) : std::prev(last)->low;
  ranges_.erase(std::next(first), last);
}

void Done::add_run(const std::optional<EpochView>& newer, const EpochView& high, const EpochView& low,
                   const std::optional<EpochView>& older) {
  const Epoch top(newer && covers(*newer) ? *newer : high);
  const Epoch bottom(older && covers(*older) ? *older : low);
  add(top, bottom);
}

void Done::merge(const Done& other) {
  if (&other == this) return;
  for (const Range& range : other.ranges_) add(range.high, range.low);
}

void Done::forget_above(const EpochView& epoch) {
  std::erase_if(ranges_, [&](const Range& range) { return range.low.view() > epoch; });
  if (!ranges_.empty() && ranges_.front().high.view() > epoch) ranges_.front().high = Epoch(epoch);
}

bool Done::covers(const EpochView& epoch) const noexcept {
  return covers(epoch, epoch);
}

bool Done::covers(const EpochView& a, const EpochView& b) const noexcept {
  const EpochView high = std::max(a, b), low = std::min(a, b);
  const auto above = [&](const Range& range) { return range.low.view() > high; };
  const auto range = std::partition_point(ranges_.begin(), ranges_.end(), above);
  return range != ranges_.end() && range->high.view() >= high && range->low.view() <= low;
}

}  // namespace recentd
