#include "watch/index_view.hpp"

#include <algorithm>

#include "base/path_hash.hpp"
#include "recentfile/merge_rows.hpp"
#include "watch/pending.hpp"

namespace recentd::watch {

namespace {

constexpr std::size_t k_rows_at_once = 4096;

// An entry is the epoch in units of 10 ns, twice shifted, and these; what was chosen is met and not present.
constexpr std::uint64_t k_present = 1, k_met = 2;
constexpr int k_flag_bits = 2;
constexpr std::int64_t k_units_in_second = 100'000'000;
constexpr std::uint64_t k_key_units = 10'000'000'000 * 2;  // of EpochKey's fraction in one of ours

// What is before 1970 or after the year 3400 counts as the end of that time.
std::uint64_t packed_epoch(const EpochKey& key) noexcept {
  constexpr std::int64_t k_seconds_max = 45'000'000'000;
  const auto seconds = std::clamp<std::int64_t>(key.seconds, 0, k_seconds_max);
  const auto units = static_cast<std::uint64_t>(seconds * k_units_in_second) + key.fraction / k_key_units;
  // Never 0, which is what a new entry is.
  return (units + 1) << k_flag_bits;
}

std::uint64_t epoch_of(std::uint64_t packed) noexcept {
  return packed >> k_flag_bits << k_flag_bits;
}

}  // namespace

std::int64_t IndexView::Entry::epoch_s() const noexcept {
  return static_cast<std::int64_t>(packed_ >> k_flag_bits) / k_units_in_second;
}

void IndexView::Entry::meet() noexcept {
  packed_ |= k_met;
}

IndexView::IndexView(const TreeLayout& layout, std::set<std::string> directories)
    : layout_(layout), directories_(std::move(directories)) {
  read([&](const EventRow& row) {
    std::uint64_t& entry = entries_.insert(path_hash(row.path()));
    const std::uint64_t epoch = packed_epoch(row.key);
    // Of equal epochs the smaller level's counts, which was read before.
    if (epoch <= epoch_of(entry)) return;
    const bool present = row.type == EventType::new_;
    present_ += present ? 1 : 0;
    present_ -= (entry & k_present) != 0 ? 1 : 0;
    entry = epoch | (present ? k_present : 0);
  });
}

// The principal may be the link's own content (see read_principal()); then it is read as a whole.
void IndexView::read(const std::function<void(const EventRow&)>& take) const {
  const auto take_wanted = [&](const EventRow& row) {
    if (is_within(row.path(), directories_)) take(row);
  };
  std::vector<EventRow> rows(k_rows_at_once);
  for (std::size_t level = 0; level < layout_.levels.size(); ++level) {
    const LevelFile file = layout_.file(level);
    if (level == 0 && has_regular_link(file)) {
      if (const auto content = read_principal(file, Reader::mirror))
        for (const auto& row : content->events.rows) take_wanted(row);
      continue;
    }
    auto opened = open_level(file, Reader::mirror);
    if (!opened) continue;
    const auto stream = stream_of(std::move(opened->reader), opened->bytes);
    while (const auto n = stream->read(rows))
      for (std::size_t i = 0; i < n; ++i) take_wanted(rows[i]);
  }
}

std::optional<IndexView::Entry> IndexView::find(std::string_view path) {
  std::uint64_t* const entry = entries_.find(path_hash(path));
  if (entry == nullptr || (*entry & k_present) == 0) return std::nullopt;
  return Entry(*entry);
}

std::uint64_t IndexView::choose_unmet(const std::function<bool(std::string_view path)>& wanted) {
  std::uint64_t chosen = 0;
  read([&](const EventRow& row) {
    std::uint64_t* const entry = entries_.find(path_hash(row.path()));
    if (entry == nullptr || *entry != (packed_epoch(row.key) | k_present)) return;
    const bool is_wanted = wanted(row.path());
    *entry = epoch_of(*entry) | k_met | (is_wanted ? 0 : k_present);
    chosen += is_wanted ? 1 : 0;
  });
  return chosen;
}

void IndexView::each_chosen(const std::function<void(std::string_view path)>& take) {
  read([&](const EventRow& row) {
    std::uint64_t* const entry = entries_.find(path_hash(row.path()));
    if (entry == nullptr || *entry != (packed_epoch(row.key) | k_met)) return;
    *entry |= k_present;
    take(row.path());
  });
}

}  // namespace recentd::watch
