#include "origin/first_events.hpp"

#include <algorithm>
#include <charconv>

namespace recentd {

namespace {

constexpr std::int64_t k_second_us = 1'000'000;
constexpr std::uint64_t k_key_units_us = 1'000'000'000'000;  // of EpochKey's 18 digits

std::int64_t in_microseconds(const Epoch& epoch) {
  const EpochKey& key = epoch.key();
  return key.seconds * k_second_us + static_cast<std::int64_t>(key.fraction / 2 / k_key_units_us);
}

// Most units are seconds, and a constant divides fast.
std::int64_t divided_up(std::int64_t value, std::int64_t unit) noexcept {
  return unit == k_second_us ? (value + k_second_us - 1) / k_second_us : (value + unit - 1) / unit;
}

// The coarsest decimal grid that has n points in [from, to); that has n of the finest.
std::int64_t grid_for(std::int64_t from, std::int64_t to, std::int64_t n) noexcept {
  std::int64_t unit = k_second_us;
  while (unit > 1 && divided_up(to, unit) - divided_up(from, unit) < n) unit /= 10;
  return unit;
}

EpochKey key_of(std::int64_t time_us) noexcept {
  return {time_us / k_second_us, static_cast<std::uint64_t>(time_us % k_second_us) * k_key_units_us * 2};
}

// Seconds and as many of 6 digits as are needed; returns how many bytes that took.
std::uint16_t put_time(char* text, std::int64_t time_us) noexcept {
  const std::int64_t seconds = time_us / k_second_us;
  auto fraction = static_cast<std::uint32_t>(time_us - seconds * k_second_us);
  char* out = std::to_chars(text, text + 20, seconds).ptr;
  if (fraction != 0) {
    *out = '.';
    for (int i = 6; i > 0; --i, fraction /= 10) out[i] = static_cast<char>('0' + fraction % 10);
    out += 7;
    while (out[-1] == '0') --out;
  }
  return static_cast<std::uint16_t>(out - text);
}

}  // namespace

FirstEvents::FirstEvents(TreeFiles files, TimePoint now)
    : files_(std::move(files)),
      now_us_(in_microseconds(Epoch::from_time(now))),
      last_second_(std::max<std::int64_t>(now_us_ / k_second_us, 1)) {
  const std::size_t n = files_.rows.size();
  std::size_t groups = 0;
  for (std::size_t i = 0; i < n; ++i) groups += begins_group(i) ? 1 : 0;
  groups_.reserve(groups);
  for (std::size_t i = 0; i < n; ++i)
    if (begins_group(i)) groups_.push_back({i, second_of(files_.rows[i]) * k_second_us, 0, 1});
  find_room();
}

bool FirstEvents::begins_group(std::size_t place) const noexcept {
  return place == 0 || second_of(files_.rows[place]) != second_of(files_.rows[place - 1]);
}

std::int64_t FirstEvents::second_of(const TreeFile& file) const noexcept {
  return std::clamp<std::int64_t>(file.mtime_s, 1, last_second_);
}

std::size_t FirstEvents::end_of(std::size_t group) const noexcept {
  return group + 1 < groups_.size() ? groups_[group + 1].begin : files_.rows.size();
}

std::size_t FirstEvents::group_of(std::size_t place) const noexcept {
  const auto after = std::upper_bound(groups_.begin(), groups_.end(), place,
                                      [](std::size_t at, const Group& group) { return at < group.begin; });
  return static_cast<std::size_t>(after - groups_.begin()) - 1;
}

// What is too much for a second first moves the seconds above up, then the present moves all down that is
// above it.
void FirstEvents::find_room() {
  std::int64_t floor = 0;
  for (std::size_t i = groups_.size(); i-- > 0;) {
    Group& group = groups_[i];
    const auto n = static_cast<std::int64_t>(end_of(i) - group.begin);
    const auto second_end = group.from + k_second_us;
    group.from = std::max(group.from, floor);
    floor = std::max(second_end, group.from + n);
    group.cells = floor - group.from;
  }
  std::int64_t ceiling = now_us_ + 1;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    Group& group = groups_[i];
    const auto n = static_cast<std::int64_t>(end_of(i) - group.begin);
    const std::int64_t to = std::min(group.from + group.cells, ceiling);
    group.from = std::min(group.from, to - n);
    ceiling = group.from;
    group.unit = grid_for(group.from, to, n);
    group.from = divided_up(group.from, group.unit) * group.unit;
    group.cells = divided_up(to, group.unit) - group.from / group.unit;
  }
}

FirstEvents::Spread FirstEvents::spread_of(std::size_t index) const noexcept {
  const Group& group = groups_[index];
  const std::size_t end = end_of(index);
  const auto n = static_cast<std::int64_t>(end - group.begin);
  if (n == 1) return {end, n, group.from, group.unit, group.cells, 0};
  return {end, n, group.from, group.unit, group.cells / n, group.cells % n};
}

// The quotient and the rest apart, so that nothing overflows.
std::int64_t FirstEvents::Spread::time_of(std::size_t place) const noexcept {
  const auto from_oldest = static_cast<std::int64_t>(end - 1 - place);
  const std::int64_t more = rest == 0 ? 0 : from_oldest * rest / n;
  return from + (from_oldest * step + more) * unit;
}

std::int64_t FirstEvents::time_of(std::size_t index, std::size_t place) const noexcept {
  return renewed_ && place == 0 ? now_us_ : spread_of(index).time_of(place);
}

Epoch FirstEvents::epoch_of(std::size_t place) const {
  const auto time = time_of(group_of(place), place);
  return Epoch::from_parts(time / k_second_us, static_cast<std::uint64_t>(time % k_second_us), 6);
}

// The set before this one may have told newer events than any file's time; mirrors would take this one for a
// rollback of the tree.
void FirstEvents::renew_newest() {
  renewed_ = true;
}

std::size_t FirstEvents::within(std::int64_t interval_s) const {
  if (files_.rows.empty()) return 0;
  const std::int64_t bound = time_of(0, 0) - interval_s * k_second_us;
  const auto across =
      std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) { return group.from < bound; });
  if (across == groups_.end()) return files_.rows.size();
  const auto group = static_cast<std::size_t>(across - groups_.begin());
  std::size_t low = across->begin, high = end_of(group);
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (time_of(group, middle) >= bound) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::unique_ptr<EventCursor> FirstEvents::from(std::size_t place) const {
  return std::make_unique<Cursor>(*this, place);
}

FirstEvents::Cursor::Cursor(const FirstEvents& events, std::size_t place) : events_(events), place_(place) {
  if (place >= events.size()) return;
  group_ = events.group_of(place);
  spread_ = events.spread_of(group_);
}

const EventRow* FirstEvents::Cursor::next() {
  if (place_ >= events_.size()) return nullptr;
  while (place_ >= spread_.end) spread_ = events_.spread_of(++group_);
  const TreeFile& file = events_.files_.rows[place_];
  const std::int64_t time = events_.renewed_ && place_ == 0 ? events_.now_us_ : spread_.time_of(place_);
  row_ = {key_of(time), text_, file.path_text, file.path_bytes, put_time(text_, time), EventType::new_, 0};
  if (events_.details_ != nullptr) {
    details_.extras = events_.details_->of(place_);
    if (!details_.extras.empty()) row_.flags |= EventRow::k_details;
  }
  ++place_;
  return &row_;
}

}  // namespace recentd
