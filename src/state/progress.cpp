#include "state/progress.hpp"

#include <utility>

#include "base/count.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "model/meta.hpp"

namespace recentd::state {
namespace {

const Log k_log("mirror");

constexpr std::size_t k_left_out_max =
    10000;  // bounds the state, as an upstream can list them by the million

void erase(auto& map, std::string_view path) {
  if (const auto found = map.find(path); found != map.end()) map.erase(found);
}

}  // namespace

Progress::Progress(StateStore store, const Start& start, std::function<void()> make_durable)
    : store_(std::move(store)), make_durable_(std::move(make_durable)) {
  load(start);
}

void Progress::load(const Start& start) {
  if (!start.reset) {
    std::string remark;
    if (auto loaded = store_.load(&remark)) state_ = std::move(*loaded);
    if (!remark.empty()) k_log.warning(remark);
  }
  if (!state_.target.empty() && state_.target != start.target) {
    k_log.warning(
        "the state was made for another directory and is not believed: everything is checked again");
    state_ = {};
  }
  state_.target = start.target;
  forget_what_is_beyond(start.believable);
  const bool other_boot = !state_.boot_id.empty() && state_.boot_id != start.boot_id;
  if (other_boot)
    k_log.warning("the machine was restarted and nothing had been synced: everything is checked again");
  if (other_boot || (state_.deletes_skipped && !start.skip_deletes)) {
    forget_done();
    state_.deletes_skipped = false;
  }
  if (!state_.seen) state_.seen = state_.newest;  // a state of format 1
  // What an earlier start did not sync is for this one's first sync, and not called done on disk before.
  unsynced_ = !state_.boot_id.empty() && start.fsync != Fsync::none;
  state_.boot_id = start.fsync == Fsync::none ? start.boot_id : std::string();
  changed_ = store_.exists() && state_.source != start.source;
  state_.source = start.source;
}

void Progress::forget_what_is_beyond(const std::optional<Epoch>& believable) {
  for (auto* epoch : {&state_.newest, &state_.seen}) {
    if (!believable || !*epoch || **epoch <= *believable) continue;
    k_log.warning("the state tells of an event of the future, which is not believed any more",
                  {{"epoch", (*epoch)->text()}});
    epoch->reset();
  }
}

void Progress::sync() {
  if (unsynced_) make_durable_();
  unsynced_ = false;
}

void Progress::save() {
  sync();
  store_.save(state_);
  changed_ = false;
}

void Progress::begin(const std::string& path) {
  state_.deletes.erase(path);
  due_.erase(path);
  state_.left_out.erase(path);
  pending_.insert_or_assign(path, "in transfer");
}

bool Progress::settle(std::string_view path) {
  erase(pending_, path);
  erase(due_, path);
  erase(state_.left_out, path);
  const auto found = state_.missing.find(path);
  const bool absent = found != state_.missing.end() && found->second.absent;
  if (!forget_missed(state_, path)) return false;
  make_due(state_, absent);
  return true;
}

void Progress::leave_out(const std::string& path, const EpochView& epoch, bool link) {
  settle(path);
  if (state_.left_out.size() >= k_left_out_max) return;
  state_.left_out.insert_or_assign(path, LeftOutPath{Epoch(epoch), link});
  changed_ = true;
}

void Progress::leave_open(const std::string& path, std::string reason) {
  pending_.insert_or_assign(path, std::move(reason));
}

void Progress::not_tried(const std::string& path, const EpochView& epoch, std::string reason) {
  const auto found = state_.missing.find(path);
  if (found != state_.missing.end() && found->second.known && found->second.epoch == epoch)
    pending_.erase(path);
  else
    leave_open(path, std::move(reason));
}

Missed Progress::miss(const std::string& path, const EpochView& epoch, Why why, std::string reason,
                      TimePoint now) {
  erase(due_, path);
  const auto missed = note_missed(state_, path, epoch, {why, reason, now, many_missing_});
  if (missed == Missed::look_again)
    leave_open(path, std::move(reason));
  else
    pending_.erase(path);
  return missed;
}

Difference Progress::differ(const std::string& path, const EpochView& epoch) {
  const auto difference = note_difference(state_, path, epoch);
  if (difference == Difference::look_again)
    leave_open(path, "its content is not what its event records; it is fetched again");
  return difference;
}

void Progress::queue_delete(std::string_view path, const EpochView& epoch, std::string_view interval) {
  Epoch when(epoch);
  const auto known = state_.deletes.find(path);
  if (known != state_.deletes.end() && known->second.epoch == when) {
    known->second.interval = interval;
    return;
  }
  state_.deletes.insert_or_assign(std::string(path),
                                  PendingDelete{.epoch = std::move(when), .interval = std::string(interval)});
}

bool Progress::fail_delete(std::string_view path, std::string reason, TimePoint now) {
  const auto found = state_.deletes.find(path);
  if (found == state_.deletes.end()) return false;
  changed_ = true;
  return note_failed_delete(found->second, path, std::move(reason), now);
}

bool Progress::is_delete_due(const PendingDelete& pending, TimePoint now) const {
  return is_due(pending, std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count(), when_);
}

void Progress::drop_delete(std::string_view path) {
  erase(state_.deletes, path);
}

void Progress::forget(std::string_view path) {
  settle(path);
  forget_difference(state_, path);
}

void Progress::hide(std::string_view path) {
  if (state_.shown_gone.emplace(path).second) changed_ = true;
}

void Progress::accept_deletes(const std::optional<Epoch>& up_to) {
  for (auto& [path, pending] : state_.deletes)
    if (!up_to || !(*up_to < pending.epoch)) pending.accepted = true;
}

void Progress::note_deletes_skipped() {
  state_.deletes_skipped = true;
}

void Progress::look_at_missing(std::int64_t now_s, When when, bool many) {
  many_missing_ = many;
  when_ = when;
  if (!many && let_held_be_known(state_)) changed_ = true;
  resting_.clear();
  due_.clear();
  pending_.clear();
  for (const auto& [path, missing] : state_.missing) {
    const bool due = is_due(missing, now_s, when);
    if (missing.known && due) due_.emplace(path, missing.epoch);
    if (missing.known || due) continue;
    resting_.emplace(path, missing.epoch);
    leave_open(path, cat(missing.reason, missing.reason.empty() ? "" : "; ", "missed ",
                         counted(missing.rounds, "time"), ", looked for again in ",
                         missing.retry_at_s - now_s, " s"));
  }
}

void Progress::end_of_look(std::int64_t now_s, Read read) {
  for (const auto& [path, epoch] : due_) {
    const auto found = state_.missing.find(path);
    if (found == state_.missing.end() || found->second.epoch != epoch) continue;
    changed_ = true;
    if (read == Read::all)
      forget_missed(state_, path);
    else
      put_off(found->second, now_s);
  }
  due_.clear();
}

void Progress::forget_not_known() {
  const auto before = state_.missing.size();
  forget_open(state_);
  if (state_.missing.size() != before) changed_ = true;
}

void Progress::forget_hidden() {
  if (state_.shown_gone.empty()) return;
  state_.shown_gone.clear();
  changed_ = true;
}

void Progress::set_adopting(bool adopting) {
  if (state_.adopting == adopting) return;
  state_.adopting = adopting;
  changed_ = true;
}

void Progress::note_newest(const std::optional<Epoch>& newest) {
  if (!newest || (state_.newest && *state_.newest >= *newest)) return;
  state_.newest = newest;
  changed_ = true;
}

void Progress::forget_done() {
  for (auto& level : state_.levels) level.done.clear();
  state_.newest.reset();
}

void Progress::note_seen(const std::optional<Epoch>& newest) {
  if (!newest || (state_.seen && *state_.seen >= *newest)) return;
  state_.seen = newest;
  changed_ = true;
}

void Progress::begin_anew(const std::optional<Epoch>& newest) {
  for (auto& level : state_.levels) level.done.clear();
  state_.seen = newest;
  changed_ = true;
}

bool Progress::forget_done_of_the_future(const std::optional<Epoch>& newest) {
  bool any = false;
  for (auto& level : state_.levels) {
    const auto& ranges = level.done.ranges();
    if (ranges.empty() || (newest && ranges.front().high <= *newest)) continue;
    // What came before them was seen before them.
    if (state_.seen)
      level.done.forget_above(*state_.seen);
    else
      level.done.clear();
    any = changed_ = true;
  }
  return any;
}

void Progress::note_principal(const std::string& file) {
  if (state_.principal == file) return;
  state_.principal = file;
  changed_ = true;
}

std::optional<std::string> Progress::follow_dirtymark(const std::optional<std::string>& dirtymark) {
  if (!dirtymark || same_dirtymark(state_.dirtymark, dirtymark)) return std::nullopt;
  auto before = std::exchange(state_.dirtymark, dirtymark);
  changed_ = true;
  if (!before) return std::nullopt;
  // What is known to be missing is looked for again with everything else, and nothing waits for it meanwhile.
  forget_open(state_);
  for (auto& [path, missing] : state_.missing) missing.retry_at_s = 0;
  state_.left_out.clear();
  pending_.clear();
  return before;
}

bool Progress::follow_level(std::string_view interval, const std::optional<std::string>& dirtymark) {
  auto& level = state_.level(interval);
  if (same_dirtymark(level.dirtymark, dirtymark)) return false;
  level.done.clear();
  level.dirtymark = dirtymark;
  changed_ = true;
  return true;
}

}  // namespace recentd::state
