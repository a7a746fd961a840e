#include "recentfile/update.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <recentd/error.hpp>

#include "recentfile/order.hpp"
#include "sys/path_table.hpp"

namespace recentd {

namespace {

constexpr std::uint32_t k_batch = 64;  // look-ups whose memory is on its way at the same time
constexpr std::uint32_t k_none = std::numeric_limits<std::uint32_t>::max();

// From paths to indices into the candidates.
using ItemTable = sys::PathTable<std::uint32_t>;

constexpr std::uint64_t length_bit(std::size_t bytes) {
  return std::uint64_t{1} << (bytes % 64);
}

// The item that stands for a path, after the others of the same path have given way.
struct Candidate {
  std::uint32_t item = 0;
  std::uint32_t rows = 0;    // of this path in the level
  bool same_as_row = false;  // one of them has this epoch and type
  bool no_op = false;
};

// One call of apply_update().
class Registration {
 public:
  Registration(LevelContent& level, const std::vector<UpdateItem>& items, const Interval& interval,
               TimePoint now)
      : level_(level),
        items_(items),
        interval_(interval),
        now_(now),
        now_epoch_(Epoch::from_time(now)),
        table_(items.size()) {}

  UpdateResult run();

 private:
  void repair_order();
  void choose_candidates();
  [[nodiscard]] bool wins(const UpdateItem& later, const UpdateItem& earlier) const;
  void match_rows();
  void match_row(std::size_t at, ItemTable::Hash hash);
  void drop_registered_rows();
  void place_dated();
  void place_clamped(const std::vector<const UpdateItem*>& clamped);
  void place_at(const Epoch& wanted, std::span<const UpdateItem* const> group, std::vector<EventRow>& placed,
                std::size_t& kept);
  void place_undated();
  void mark_dirty(const EpochView& epoch);
  void truncate();
  // Above all that the level held before this call, also where that is registered anew.
  [[nodiscard]] FreshEpochs fresh_epochs() const;
  EventRow row_of(const UpdateItem& item, const EpochView& epoch) {
    ++result_.registered;
    EventRow row = level_.events.make_row_over(epoch, item.path, item.type);
    if (!item.extras.empty()) level_.events.set_details(row, {{}, item.extras});
    return row;
  }

  LevelContent& level_;
  const std::vector<UpdateItem>& items_;
  const Interval& interval_;
  TimePoint now_;
  Epoch now_epoch_;
  ItemTable table_;
  std::vector<Candidate> candidates_;
  std::vector<std::uint32_t> row_owners_;  // the candidate of each row, or k_none
  std::optional<Epoch> old_newest_;
  std::optional<Epoch> last_undated_;
  UpdateResult result_;
};

// Undated items come last, so the last of them wins; of dated ones the highest epoch.
bool Registration::wins(const UpdateItem& later, const UpdateItem& earlier) const {
  if (!later.epoch) return true;
  return earlier.epoch && *later.epoch >= *earlier.epoch;
}

void Registration::choose_candidates() {
  candidates_.reserve(items_.size());
  const auto count = static_cast<std::uint32_t>(items_.size());
  std::array<ItemTable::Hash, k_batch> hashes;
  for (std::uint32_t begin = 0, end = 0; begin < count; begin = end) {
    end = std::min(count, begin + std::uint32_t{k_batch});
    for (std::uint32_t i = begin; i < end; ++i)
      table_.prefetch(hashes[i - begin] = ItemTable::hash(items_[i].path));
    for (std::uint32_t i = begin; i < end; ++i) {
      const auto [entry, fresh] =
          table_.insert(items_[i].path, hashes[i - begin], static_cast<std::uint32_t>(candidates_.size()));
      if (fresh) {
        candidates_.push_back({i});
      } else if (wins(items_[i], items_[candidates_[entry->value].item])) {
        candidates_[entry->value].item = i;
      }
    }
  }
}

void Registration::match_row(std::size_t at, ItemTable::Hash hash) {
  const EventRow& row = level_.events.rows[at];
  const auto* const found = table_.find(row.path(), hash);
  if (found == nullptr) return;
  Candidate& candidate = candidates_[found->value];
  const UpdateItem& item = items_[candidate.item];
  row_owners_[at] = found->value;
  ++candidate.rows;
  if (item.epoch && item.type == row.type && item.epoch->view() == row.epoch()) candidate.same_as_row = true;
}

void Registration::match_rows() {
  if (candidates_.empty()) return;
  const std::vector<EventRow>& rows = level_.events.rows;
  row_owners_.assign(rows.size(), k_none);
  // One bit for each length (modulo 64) that a candidate has: few candidates rule out nearly all rows
  // unhashed.
  std::uint64_t lengths = 0;
  for (const Candidate& candidate : candidates_) lengths |= length_bit(items_[candidate.item].path.size());
  std::array<ItemTable::Hash, k_batch> hashes;
  for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    end = std::min(rows.size(), begin + k_batch);
    const auto possible = [&](const EventRow& row) { return (lengths & length_bit(row.path_bytes)) != 0; };
    for (std::size_t i = begin; i < end; ++i) {
      if (possible(rows[i])) table_.prefetch(hashes[i - begin] = ItemTable::hash(rows[i].path()));
    }
    for (std::size_t i = begin; i < end; ++i) {
      if (possible(rows[i])) match_row(i, hashes[i - begin]);
    }
  }
  for (Candidate& candidate : candidates_) candidate.no_op = candidate.same_as_row && candidate.rows == 1;
}

void Registration::drop_registered_rows() {
  std::vector<EventRow>& rows = level_.events.rows;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < row_owners_.size(); ++i) {
    const std::uint32_t owner = row_owners_[i];
    if (owner == k_none || candidates_[owner].no_op) rows[kept++] = rows[i];
  }
  if (!row_owners_.empty()) rows.resize(kept);
}

FreshEpochs Registration::fresh_epochs() const {
  std::optional<EpochView> above = level_.newest();
  if (old_newest_ && (!above || old_newest_->view() > *above)) above = old_newest_->view();
  return {now_, above};
}

void Registration::mark_dirty(const EpochView& epoch) {
  result_.dirty = true;
  std::string mark = epoch > now_epoch_.view() ? std::string(epoch.text) : now_epoch_.text();
  level_.meta.dirtymark = std::move(mark);
  const std::optional<Merged>& merged = level_.meta.merged;
  if (!merged || !merged->epoch || epoch < merged->epoch->view()) level_.meta.merged = Merged{};
}

void Registration::place_clamped(const std::vector<const UpdateItem*>& clamped) {
  if (clamped.empty()) return;
  FreshEpochs fresh = fresh_epochs();
  std::vector<EventRow> placed;
  for (const UpdateItem* item : clamped) {
    if (*item->epoch > now_epoch_) ++result_.clamped;
    const Epoch epoch = fresh.next();
    placed.push_back(row_of(*item, epoch));
    mark_dirty(epoch);
  }
  level_.events.rows.insert(level_.events.rows.begin(), placed.rbegin(), placed.rend());
}

// Puts the items that want one epoch, and the kept rows above it, behind what is placed already. The first
// gets the epoch if it is free, the others a place just above it, the later the closer, as the reference
// orders them.
void Registration::place_at(const Epoch& wanted, std::span<const UpdateItem* const> group,
                            std::vector<EventRow>& placed, std::size_t& kept) {
  const std::vector<EventRow>& rows = level_.events.rows;
  while (kept < rows.size() && rows[kept].epoch() > wanted.view()) placed.push_back(rows[kept++]);
  const bool taken = kept < rows.size() && rows[kept].epoch() == wanted.view();
  std::optional<EpochView> newer;
  if (!placed.empty()) newer = placed.back().epoch();
  if (!newer || now_epoch_.view() < *newer) newer = now_epoch_.view();
  const std::span<const UpdateItem* const> raised = taken ? group : group.subspan(1);
  const std::vector<Epoch> places = epochs_above(wanted.view(), newer, raised.size());
  for (std::size_t i = 0; i < raised.size(); ++i) {
    placed.push_back(row_of(*raised[i], places[raised.size() - 1 - i].view()));
  }
  if (!taken) placed.push_back(row_of(*group.front(), wanted.view()));
  mark_dirty(placed.back().epoch());
}

void Registration::place_dated() {
  std::vector<const UpdateItem*> dated, clamped;
  for (const Candidate& candidate : candidates_) {
    const UpdateItem& item = items_[candidate.item];
    if (item.epoch && !candidate.no_op) dated.push_back(&item);
  }
  if (dated.empty()) return;
  // Pointers into one vector: their order is the given order.
  std::sort(dated.begin(), dated.end(), [](const UpdateItem* a, const UpdateItem* b) {
    const auto order = a->epoch->view() <=> b->epoch->view();
    return order == 0 ? a < b : order > 0;
  });
  const auto past = std::find_if(dated.begin(), dated.end(),
                                 [&](const UpdateItem* item) { return *item->epoch < now_epoch_; });
  clamped.assign(dated.begin(), past);
  place_clamped(clamped);
  std::vector<EventRow> placed;
  placed.reserve(level_.events.rows.size() + static_cast<std::size_t>(dated.end() - past));
  std::size_t kept = 0;
  for (auto at = past; at != dated.end();) {
    const Epoch& wanted = *(*at)->epoch;
    const auto end =
        std::find_if(at, dated.end(), [&](const UpdateItem* item) { return *item->epoch < wanted; });
    place_at(wanted, {&*at, static_cast<std::size_t>(end - at)}, placed, kept);
    at = end;
  }
  placed.insert(placed.end(), level_.events.rows.begin() + static_cast<std::ptrdiff_t>(kept),
                level_.events.rows.end());
  level_.events.rows = std::move(placed);
}

void Registration::place_undated() {
  std::vector<std::uint32_t> undated;
  for (const Candidate& candidate : candidates_) {
    if (!items_[candidate.item].epoch) undated.push_back(candidate.item);
  }
  if (undated.empty()) return;
  // Out of order only where a later item of a path took the place of an earlier one.
  if (!std::is_sorted(undated.begin(), undated.end())) std::sort(undated.begin(), undated.end());
  FreshEpochs fresh = fresh_epochs();
  std::vector<EventRow>& kept = level_.events.rows;
  std::vector<EventRow> rows(undated.size() + kept.size());
  std::size_t place = undated.size();
  for (const std::uint32_t item : undated) rows[--place] = row_of(items_[item], fresh.next());
  std::copy(kept.begin(), kept.end(), rows.begin() + static_cast<std::ptrdiff_t>(undated.size()));
  kept = std::move(rows);
  last_undated_ = Epoch(kept.front().epoch());
}

// The newest event stays whatever the bound says: no level ever becomes empty.
void Registration::truncate() {
  if (result_.dirty) return;
  const Epoch last = last_undated_ ? *last_undated_ : fresh_epochs().next();
  const std::optional<Epoch> bound = truncation_bound(level_.meta, last, interval_);
  std::vector<EventRow>& rows = level_.events.rows;
  while (bound && rows.size() > 1 && rows.back().epoch() < bound->view()) {
    rows.pop_back();
    ++result_.truncated;
  }
}

void Registration::repair_order() {
  if (!level_.disordered) return;
  std::optional<EpochView> mark;
  if (level_.meta.merged && level_.meta.merged->epoch) mark = level_.meta.merged->epoch->view();
  if (space_ties(level_.events, mark).crossed) {
    result_.dirty = true;
    level_.meta.dirtymark = now_epoch_.text();
  }
}

UpdateResult Registration::run() {
  if (items_.size() >= k_none) throw Error(Kind::usage, "more than 4 billion events in one call");
  const bool was_empty = level_.events.rows.empty();
  const std::optional<std::string> old_mark = level_.meta.dirtymark;
  repair_order();
  if (level_.newest()) old_newest_ = Epoch(*level_.newest());
  choose_candidates();
  match_rows();
  drop_registered_rows();
  place_dated();
  place_undated();
  truncate();
  result_.changed = was_empty || result_.registered > 0 || result_.truncated > 0;
  if (result_.dirty && same_dirtymark(level_.meta.dirtymark, old_mark)) {
    const std::optional<EpochView> mark = EpochView::parse(*level_.meta.dirtymark);
    level_.meta.dirtymark = next_tick(*mark).text();
  }
  if (result_.changed && !level_.meta.dirtymark) level_.meta.dirtymark = now_epoch_.text();
  return result_;
}

}  // namespace

std::optional<Epoch> truncation_bound(const Meta& meta, const EpochView& newest, const Interval& interval) {
  if (!meta.merged || !meta.merged->epoch) return std::nullopt;
  std::optional<Epoch> bound = minus_seconds(newest, interval.seconds());
  if (bound && *meta.merged->epoch < *bound) bound = meta.merged->epoch;
  return bound;
}

UpdateResult apply_update(LevelContent& level, const std::vector<UpdateItem>& items, const Interval& interval,
                          TimePoint now) {
  return Registration(level, items, interval, now).run();
}

}  // namespace recentd
