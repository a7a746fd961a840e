#include "origin/convert_plan.hpp"

#include <algorithm>

#include "recentfile/merge_rows.hpp"
#include "recentfile/order.hpp"

namespace recentd {

namespace {

bool no_delete(const EventRow& row) {
  return row.type != EventType::delete_;
}

// The newest event of each path, of equal ones that of the smaller level.
EventList united(const std::vector<const LevelContent*>& levels) {
  EventList all;
  std::vector<EventRow> rows;
  for (const LevelContent* level : levels) {
    all.adopt(level->events);
    rows.insert(rows.end(), level->events.rows.begin(), level->events.rows.end());
  }
  std::ranges::stable_sort(rows, [](const EventRow& a, const EventRow& b) { return a.epoch() > b.epoch(); });
  // No set: a path that a merge would refuse for its length is refused here.
  RowTable seen(rows.size());
  for (const EventRow& row : rows) {
    if (seen.insert(row.path(), RowTable::hash(row.path()), 0).second) all.rows.push_back(row);
  }
  space_ties(all, std::nullopt);
  return all;
}

void erase_deletes(EventList& events) {
  std::erase_if(events.rows, [](const EventRow& row) { return !no_delete(row); });
}

class Plan {
 public:
  Plan(std::vector<KnownLevel> known, const std::vector<Interval>& chain, std::optional<bool> keep_deletes,
       const std::string& now)
      : known_(std::move(known)), chain_(chain), keep_deletes_(keep_deletes), now_(now) {}

  std::vector<PlannedLevel> run() {
    for (std::size_t i = 0; i < chain_.size(); ++i) levels_.push_back(plan(i));
    if (keep_deletes_ && chain_.size() > 1) settle_deletes(levels_.back());
    // Last, for it needs the contents as they were.
    for (std::size_t i = 0; i < levels_.size(); ++i) settle_merged(i);
    return std::move(levels_);
  }

 private:
  [[nodiscard]] const KnownLevel* known(const Interval& interval) const {
    const auto found = std::ranges::find(known_, interval, &KnownLevel::interval);
    return found == known_.end() ? nullptr : &*found;
  }
  [[nodiscard]] bool stays(const Interval& interval) const {
    return std::ranges::find(chain_, interval) != chain_.end();
  }

  // Levels of the old chain that lie between two neighbours of the new one, and are left out.
  [[nodiscard]] std::vector<const LevelContent*> left_out_below(std::size_t index) const {
    std::vector<const LevelContent*> out;
    const auto from = index == 0 ? INT64_MIN : chain_[index - 1].seconds();
    const bool last = index + 1 == chain_.size();
    for (const KnownLevel& level : known_) {
      const auto seconds = level.interval.seconds();
      const bool between = seconds > from && (seconds < chain_[index].seconds() || last);
      if (between && level.content && !stays(level.interval)) out.push_back(&*level.content);
    }
    return out;
  }

  // Never without the principal's.
  [[nodiscard]] std::vector<const LevelContent*> all_contents() const {
    std::vector<const LevelContent*> out;
    for (const KnownLevel& level : known_)
      if (level.content) out.push_back(&*level.content);
    return out;
  }

  // A level that the old chain has not: its settings are the principal's.
  [[nodiscard]] LevelContent fresh() const {
    LevelContent content;
    content.meta = known_.front().content->meta;
    content.meta.merged.reset();
    return content;
  }

  // The copy shares the events' memory with the original.
  static LevelContent copy_of(const LevelContent& from) {
    LevelContent copy;
    copy.meta = from.meta;
    copy.mtime_s = from.mtime_s;
    copy.events.adopt(from.events);
    copy.events.rows = from.events.rows;
    return copy;
  }

  PlannedLevel plan(std::size_t index) const {
    const Interval& interval = chain_[index];
    const KnownLevel* const old = known(interval);
    PlannedLevel level{interval, {}, old == nullptr, false, false};
    if (level.is_new) {
      level.content = fresh();
      level.content->events = within(united(all_contents()), interval);
      level.grows = true;
    } else {
      if (old->content) level.content = copy_of(*old->content);
      auto parts = left_out_below(index);
      if (!parts.empty()) {
        if (!level.content) level.content = fresh();
        parts.insert(parts.begin(), old->content ? &*old->content : &*level.content);
        level.content->events = united(parts);
        level.grows = true;
      }
    }
    const bool drops = level.grows && interval.is_z() && !keep_deletes_.value_or(false);
    if (drops) drop_deletes(*level.content, old);
    if (index > 0 && level.content && level.content->events.rows.empty()) level.content.reset();
    return level;
  }

  // Deletes that a level Z holds already stay; others do not enter it.
  static void drop_deletes(LevelContent& content, const KnownLevel* old) {
    const bool holds =
        old != nullptr && old->content &&
        std::ranges::any_of(old->content->events.rows, [](const EventRow& row) { return !no_delete(row); });
    if (!holds) erase_deletes(content.events);
  }

  [[nodiscard]] EventList within(EventList events, const Interval& interval) const {
    const auto newest = known_.front().content->newest();
    const auto start = newest && !interval.is_z() ? minus_seconds(*newest, interval.seconds()) : std::nullopt;
    if (start) std::erase_if(events.rows, [&](const EventRow& row) { return row.epoch() < start->view(); });
    return events;
  }

  void settle_deletes(PlannedLevel& last) const {
    if (!*keep_deletes_) {
      if (!last.content) return;
      const auto before = last.content->events.rows.size();
      erase_deletes(last.content->events);
      last.shrinks = last.content->events.rows.size() != before;
      if (last.content->events.rows.empty()) last.content.reset();
      return;
    }
    EventList everything = united(all_contents());
    std::erase_if(everything.rows, no_delete);
    if (everything.rows.empty()) return;
    if (!last.content) last.content = fresh();
    LevelContent deletes;
    deletes.events = std::move(everything);
    LevelContent present = copy_of(*last.content);
    last.content->events = united({&deletes, &present});
    last.grows = true;
  }

  // How far the next level of the new chain holds what this one has.
  void settle_merged(std::size_t index) {
    if (!levels_[index].content) return;
    Meta& meta = levels_[index].content->meta;
    if (index + 1 == levels_.size()) {
      meta.merged.reset();
      return;
    }
    const PlannedLevel& next = levels_[index + 1];
    if (next.is_new && next.content) {
      // It holds all that anyone knew.
      const auto newest = levels_[index].content->newest();
      meta.merged = Merged{newest ? std::optional(Epoch(*newest)) : std::nullopt, next.interval.spec(), now_};
      return;
    }
    // What went into the next level went there from the old level below it.
    if (levels_[index].is_new) meta.merged = merged_below(next.interval);
    if (meta.merged) meta.merged->into_interval = next.interval.spec();
  }

  [[nodiscard]] std::optional<Merged> merged_below(const Interval& interval) const {
    std::optional<Merged> merged;
    for (const KnownLevel& level : known_) {
      if (level.interval.seconds() >= interval.seconds()) break;
      if (level.content) merged = level.content->meta.merged;
    }
    return merged;
  }

  std::vector<KnownLevel> known_;
  const std::vector<Interval>& chain_;
  std::optional<bool> keep_deletes_;
  const std::string& now_;
  std::vector<PlannedLevel> levels_;
};

}  // namespace

std::vector<PlannedLevel> plan_conversion(std::vector<KnownLevel> known, const std::vector<Interval>& chain,
                                          std::optional<bool> keep_deletes, const std::string& now) {
  return Plan(std::move(known), chain, keep_deletes, now).run();
}

}  // namespace recentd
