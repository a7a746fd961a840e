#include "mirror/plan/level_scan.hpp"

#include <algorithm>
#include <utility>

namespace recentd::mirror {
namespace {

constexpr std::size_t k_read_ahead = 256;
constexpr std::size_t k_steps_max = 16384;  // bounds a batch's memory however many events need no transfer

}  // namespace

LevelScan::LevelScan(codec::EventReader& reader, const ScanRules& rules, SeenPaths& seen)
    : reader_(reader), rules_(rules), seen_(seen), buffer_(k_read_ahead), hashes_(k_read_ahead) {
  advance();  // following_ := first event
}

// Has the memory for many look-ups on its way at the same time.
void LevelScan::read_ahead() {
  at_ = 0;
  filled_ = reader_.read(buffer_);
  for (std::size_t i = 0; i < filled_; ++i) seen_.prefetch(hashes_[i] = SeenPaths::hash(buffer_[i].path()));
  for (std::size_t i = 0; i < filled_; ++i) seen_.prefetch_text(hashes_[i]);
}

// Moves the window of three events one further; false if there is no current one.
bool LevelScan::advance() {
  previous_ = current_;
  current_ = following_;
  if (at_ == filled_) read_ahead();
  following_.valid = at_ < filled_;
  if (following_.valid) {
    following_.row = buffer_[at_];
    following_.hash = hashes_[at_++];
  }
  return current_.valid;
}

bool LevelScan::outside_window(const EventRow& row) {
  ++count_;
  if (rules_.max_events != 0 && count_ > rules_.max_events) return true;
  return (rules_.after && row.epoch() <= *rules_.after) || (rules_.before && row.epoch() >= *rules_.before);
}

bool LevelScan::is_due(const EventRow& row) const {
  if (rules_.due == nullptr || rules_.due->empty()) return false;
  const auto found = rules_.due->find(row.path());
  return found != rules_.due->end() && row.epoch() == found->second;
}

// What cannot be had for now rests, or counts as done; nor can what is behind a link be deleted.
Action LevelScan::action_for(const EventRow& row, Action wanted) const {
  if (rules_.resting != nullptr) {
    const auto resting = rules_.resting->find(row.path());
    if (resting != rules_.resting->end() && row.epoch() <= resting->second) return Action::hold;
  }
  if (rules_.missing == nullptr || is_due(row)) return wanted;
  const auto missing = rules_.missing->find(row.path());
  const bool known =
      missing != rules_.missing->end() && missing->second.known && row.epoch() == missing->second.epoch;
  return known ? Action::settle : wanted;
}

// What to do about an event; nothing if the done set covers it and nothing is due.
std::optional<Step> LevelScan::judge(const Look& look) {
  const EventRow& row = look.row;
  Step step{row, {}, {}, Action::settle, Remark::none};
  if (outside_window(row) || (rules_.hold_above && row.epoch() > *rules_.hold_above)) {
    step.action = Action::hold;
    return step;
  }
  const bool first = seen_.insert(row.path(), look.hash);
  if (rules_.done.covers(row.epoch()) && !(first && is_due(row))) return {};
  if (!first) {
    // Superseded. Where the newer event itself is still open, this one stays open with it.
    const bool is_set_aside = rules_.set_aside != nullptr && rules_.set_aside->contains(row.path());
    if (is_set_aside || rules_.pending.contains(row.path())) step.action = Action::hold;
    return step;
  }
  if (RelPath::check(row.path(), rules_.bookkeeping) != RelPath::Flaw::none) {
    step.remark = Remark::hostile_path;
  } else if (rules_.filter && !rules_.filter->wants(row.path())) {
    step.action = Action::settle;
  } else if (row.type == EventType::other) {
    step.remark = Remark::unknown_type;
  } else if (row.type == EventType::new_) {
    step.action = action_for(row, Action::transfer);
  } else if (!rules_.skip_deletes) {
    step.action = action_for(row, Action::remove);
  }
  return step;
}

// One of several events of an epoch stays with the others: the done set cannot tell them apart.
bool LevelScan::is_late(const Step& step) const {
  const auto own = step.row.epoch();
  const bool tied = (step.newer && *step.newer == own) || (step.older && *step.older == own);
  return rules_.late != nullptr && !tied && rules_.late->match(step.row.path());
}

std::vector<Step> LevelScan::take_late() {
  std::ranges::reverse(late_);
  return std::exchange(late_, {});
}

std::vector<Step> LevelScan::next(std::size_t max_transfers) {
  std::vector<Step> steps;
  std::size_t transfers = 0;
  const auto full = [&] { return transfers >= max_transfers || steps.size() >= k_steps_max; };
  // Events of one and the same epoch stay in one batch: the done set cannot tell them apart.
  const auto tied = [&] {
    return current_.valid && following_.valid && current_.row.epoch() == following_.row.epoch();
  };
  const auto tied_again = [&] {
    return !steps.empty() && steps.back().row.epoch() == put_back_.front().row.epoch();
  };
  while (!put_back_.empty() && (!full() || tied_again())) {
    if (put_back_.front().action == Action::transfer) ++transfers;
    steps.push_back(put_back_.front());
    put_back_.pop_front();
  }
  while (put_back_.empty() && (!full() || tied()) && advance()) {
    auto step = judge(current_);
    if (!step) continue;
    if (previous_.valid) step->newer = previous_.row.epoch();
    if (following_.valid) step->older = following_.row.epoch();
    if (step->action == Action::transfer) {
      step->changed_for_sure = rules_.known_newest && step->row.epoch() > *rules_.known_newest;
      step->is_news = !rules_.done.empty() && step->row.epoch() > rules_.done.ranges().front().high.view();
      if ((step->row.flags & (EventRow::k_recorded | EventRow::k_details)) != 0)
        step->texts = &reader_.storage();
      if (is_late(*step)) {
        rules_.set_aside->emplace(step->row.path());
        late_.push_back(*step);
        continue;
      }
      ++transfers;
    }
    steps.push_back(*step);
  }
  return steps;
}

void LevelScan::put_back(std::vector<Step> steps) {
  put_back_.insert(put_back_.begin(), steps.begin(), steps.end());
}

void join_neighbours(codec::EventReader& reader, Done& done) {
  std::vector<EventRow> rows(k_read_ahead);
  std::optional<EpochView> newer;  // the event before, if it is worked off
  while (const auto n = reader.read(rows)) {
    for (std::size_t i = 0; i < n; ++i) {
      const auto epoch = rows[i].epoch();
      const bool covered = done.covers(epoch);
      if (newer && covered && !done.covers(*newer, epoch)) done.add(*newer, epoch);
      newer = covered ? std::optional(epoch) : std::nullopt;
    }
  }
}

std::uint64_t count_open(codec::EventReader& reader, const Done& done) {
  std::vector<EventRow> rows(k_read_ahead);
  std::uint64_t open = 0;
  while (const auto n = reader.read(rows))
    for (std::size_t i = 0; i < n; ++i) open += done.covers(rows[i].epoch()) ? 0 : 1;
  return open;
}

void note_paths(codec::EventReader& reader, SeenPaths& seen) {
  std::vector<EventRow> rows(k_read_ahead);
  while (const auto n = reader.read(rows))
    for (std::size_t i = 0; i < n; ++i) seen.insert(rows[i].path());
}

}  // namespace recentd::mirror
