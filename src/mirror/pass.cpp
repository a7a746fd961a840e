#include "mirror/pass.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "mirror/failing_paths.hpp"
#include "mirror/transfer/batch.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/identity.hpp"
#include "target/delete_approval.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

// With changes all the time and a short ttl the principal is always due again; reports and the status file
// come after a pass.
constexpr auto k_longest_pass = std::chrono::seconds(60);

// Names this boot of the machine; empty where the kernel does not tell.
std::string boot_id() {
  try {
    return std::string(split(sys::read_file("/proc/sys/kernel/random/boot_id")->view(), '\n').front());
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

Engine::Engine(const MirrorOptions& options, upstream::SourceSpec source, const std::string& target,
               const std::string& private_directory, const std::string& index_directory,
               transport::Transport& transport, Clock& clock, Observer& observer, Hooks* hooks)
    : options_(options),
      source_(std::move(source)),
      target_(target),
      private_directory_(private_directory),
      fsync_(options.places.fsync),
      transport_(transport),
      clock_(clock),
      observer_(observer),
      store_(private_directory, fsync_),
      cache_(index_directory, target, options.connect.allow_suffixes),
      journal_(target_, private_directory + "/unfinished",
               [this](target::TransferJournal::Paths& paths) { cache_.spare_named(paths); }),
      batch_size_(options.connect.max_files_per_connection),
      shop_{options_, target_,  transport_, clock_, observer_, bookkeeping_,
            state_,   pending_, report_,    hooks,  journal_},
      own_(shop_, private_directory + "/own", fsync_),
      selection_(OwnIndex::selection_of(options)) {
  journal_.sweep();
  load_state();
  adopt_selection();
  if (options_.deletes.accept) removal_.accept_queued();
  // Wishes of this start: an engine that takes this one's place must find them fulfilled.
  if ((options_.deletes.accept || options_.places.reset_state) && store_.exists()) save_state();
}

Engine::~Engine() {
  try {
    journal_.sweep();
  } catch (const Error&) {
    // The next start tries again.
  }
}

void Engine::load_state() {
  if (!options_.places.reset_state) {
    std::string remark;
    if (auto loaded = store_.load(&remark)) state_ = std::move(*loaded);
    if (!remark.empty()) k_log.warning(remark);
  }
  const auto identity = sys::directory_identity(target_.fd());
  if (!state_.target.empty() && state_.target != identity) {
    k_log.warning("the state was made for another directory and is not believed: everything is checked again",
                  {{"target", target_.path()}});
    state_ = {};
  }
  state_.target = identity;
  const bool other_boot = !state_.boot_id.empty() && state_.boot_id != boot_id();
  const bool deletes_wanted_now = state_.deletes_skipped && !options_.deletes.skip;
  if (other_boot)
    k_log.warning("the machine was restarted and nothing had been synced: everything is checked again");
  if (other_boot || deletes_wanted_now) {
    for (auto& level : state_.levels) level.done.clear();
    state_.deletes_skipped = false;
    state_.newest.reset();
  }
  // A target without a history of ours may hold anything; what the index does not name is told in the end.
  if (!state_.newest && state_.levels.empty() && has_content(target_, bookkeeping_)) state_.adopting = true;
  if (!state_.seen) state_.seen = state_.newest;  // a state of format 1
  state_.boot_id = fsync_ == Fsync::none ? boot_id() : std::string();
  unsaved_ = store_.exists() && state_.source != source_.text;
  state_.source = source_.text;
  // Which names are no content is known before the first fetch, if anything is.
  const auto index =
      split_level_name(state_.principal.empty() ? source_.index.value_or("") : state_.principal);
  if (index) bookkeeping_ = Bookkeeping(index->filenameroot);
}

// What another wish passed over counts as done; it has to be looked at again.
void Engine::adopt_selection() {
  if (partial() || selection_ == own_.last_selection()) return;
  for (auto& level : state_.levels) level.done.clear();
  state_.newest.reset();
  save_state();
  own_.keep_selection(selection_);
}

void Engine::sync_content() {
  if (unsynced_ && fsync_ != Fsync::none) sys::sync_filesystem(target_.path());
  unsynced_ = false;
}

void Engine::save_state() {
  sync_content();
  store_.save(state_);
  unsaved_ = false;
}

std::int64_t Engine::now_s() const {
  return std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
}

std::int64_t Engine::steady_s() const {
  return std::chrono::floor<std::chrono::seconds>(clock_.steady()).count();
}

bool Engine::partial() const {
  return options_.select.after || options_.select.before || options_.select.max_events != 0;
}

bool Engine::principal_due() const {
  return clock_.steady() >=
         last_fetch_ + std::min(options_.poll.ttl, options_.poll.work_limit.value_or(options_.poll.ttl));
}

bool Engine::only_vanished_open() const {
  if (pending_.empty()) return false;
  return std::all_of(pending_.begin(), pending_.end(), [&](const auto& open) {
    return state_.missing.contains(open.first) || state_.differing.contains(open.first);
  });
}

std::vector<std::string> Engine::open_levels() const {
  std::vector<std::string> lines;
  for (const auto& level : levels_) {
    if (level.published || level.absent) continue;
    lines.push_back(
        cat("index ", level.name, level.facts ? " is not complete yet" : " could not be fetched"));
  }
  return lines;
}

std::vector<std::string> Engine::missing_lines(std::size_t limit) const {
  std::vector<std::string> lines;
  for (const auto& [path, reason] : pending_) {
    if (lines.size() == limit) return lines;
    lines.push_back(cat(quoted(path), ": ", reason));
  }
  for (auto& line : open_levels())
    if (lines.size() < limit) lines.push_back(std::move(line));
  return lines;
}

// True if the level's copy is worked off and may be trusted.
bool Engine::is_complete(std::size_t i) {
  const upstream::LevelStatus& level = levels_[i];
  if (!level.facts) return level.absent;
  auto& progress = state_.level(level.interval.spec());
  return upstream::trusted(levels_, i, progress, now_s()) && upstream::complete(level, progress);
}

// An entry of the far future was made before the clock jumped back.
void Engine::rest_failing_paths() {
  const auto now = now_s();
  for (const auto& [path, failing] : state_.failing) {
    if (failing.retry_at_s <= now || failing.retry_at_s > now + k_longest_rest_s) continue;
    resting_.emplace(path, failing.epoch);
    pending_.insert_or_assign(
        path, cat("failed ", failing.failures, " times; tried again in ", failing.retry_at_s - now, " s"));
  }
}

// Whoever could not have the target's lock may have left word.
void Engine::hear_operator() {
  const target::DeleteApproval approval(private_directory_);
  const auto up_to = approval.read();
  if (!up_to) return;
  removal_.accept_queued(up_to);
  save_state();
  approval.forget();
  k_log.warning("deletes that were held back are accepted now");
}

Engine::PassEnd Engine::pass(FailingPaths failing) {
  resting_.clear();
  if (failing == FailingPaths::let_rest) rest_failing_paths();
  problem_.reset();
  only_deletes_open_ = false;
  report_.up_to_date = report_.rolled_back = false;
  hear_operator();
  const auto until = clock_.steady() + k_longest_pass;
  refresh_principal();
  WorkEnd end = WorkEnd::broken;
  while (!problem_) {
    if (!fetch_needed_levels()) break;
    known_newest_ = state_.newest;
    end = work_off();
    if (end != WorkEnd::principal_due || clock_.steady() >= until) break;
    refresh_principal();
  }
  if (unsaved_) save_state();
  if (end == WorkEnd::stopped) return PassEnd::stopped;
  if (problem_)
    return problem_->nature == transport::Problem::Nature::stopped ? PassEnd::stopped : PassEnd::broken;
  finish();
  if (end == WorkEnd::principal_due) return PassEnd::cut;
  return report_.up_to_date ? PassEnd::up_to_date : PassEnd::open;
}

Engine::WorkEnd Engine::work_off() {
  std::size_t open_until = 0;
  for (std::size_t i = 0; i < levels_.size(); ++i)
    if (partial() || !is_complete(i)) open_until = i + 1;
  SeenPaths seen;
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < open_until; ++i)
    if (levels_[i].facts) most = std::max(most, levels_[i].facts->events);
  seen.expect(most);
  std::vector<std::unique_ptr<codec::EventReader>> readers;
  for (std::size_t i = 0; i < open_until; ++i) {
    upstream::LevelStatus& level = levels_[i];
    if (!level.facts && level.absent) continue;
    if (!level.facts || !upstream::trusted(levels_, i, state_.level(level.interval.spec()), now_s())) break;
    prepare_done(i);
    readers.push_back(cache_.open(level.name, *level.facts));
    auto end = WorkEnd::finished;
    if (is_complete(i) && !partial())
      note_paths(*readers.back(), seen);
    else
      end = work_off_level(i, seen, *readers.back());
    if (end == WorkEnd::broken || end == WorkEnd::stopped) return end;
    inherit_done(i);
    show_complete_levels();
    if (end == WorkEnd::principal_due) return end;
  }
  show_complete_levels();
  return WorkEnd::finished;
}

// A copy under another dirtymark than the done set's makes that set worthless.
void Engine::prepare_done(std::size_t i) {
  auto& progress = state_.level(levels_[i].interval.spec());
  const auto& dirtymark = levels_[i].facts->dirtymark;
  if (same_dirtymark(progress.dirtymark, dirtymark)) return;
  if (!upstream::dirtymark_matches(levels_, i))
    k_log.warning("this level's dirtymark has differed from the principal's for long; it is accepted",
                  {{"index", levels_[i].name}});
  progress.done.clear();
  progress.dirtymark = dirtymark;
  unsaved_ = true;
}

// A small level knows all events of its range, so the same range of the next larger one is done with it.
void Engine::inherit_done(std::size_t i) {
  if (partial() || !is_complete(i)) return;
  for (std::size_t k = i + 1; k < levels_.size(); ++k) {
    if (!levels_[k].facts) continue;
    if (!upstream::dirtymark_matches(levels_, k)) return;
    prepare_done(k);
    auto& larger = state_.level(levels_[k].interval.spec());
    const Done before = larger.done;
    larger.done.merge(state_.level(levels_[i].interval.spec()).done);
    if (!(before == larger.done)) unsaved_ = true;
    return;
  }
}

Engine::WorkEnd Engine::after_batch(bool transferred) {
  unsaved_ = true;
  if (transferred) unsynced_ = true;
  if (transferred || problem_) save_state();
  if (shop_.hooks) shop_.hooks->batch_ended();
  if (clock_.stop().requested()) return WorkEnd::stopped;
  if (problem_) return WorkEnd::broken;
  if (!transferred) return WorkEnd::finished;
  if (options_.poll.sleep_per_connection.count() > 0) clock_.sleep_for(options_.poll.sleep_per_connection);
  return principal_due() ? WorkEnd::principal_due : WorkEnd::finished;
}

// Carries out the deletes of what is visible now.
void Engine::remove_deleted() {
  held_deletes_ = 0;
  if (state_.deletes.empty()) return;
  const auto before = state_.deletes.size();
  const auto result = removal_.perform();
  if (result.removed > 0) unsynced_ = true;
  held_deletes_ = result.held;
  if (state_.deletes.size() != before) save_state();
  if (shop_.hooks) shop_.hooks->deletes_ended();
}

// What comes after all levels: deletes left by a crash, the wish to prune, and whether all is done.
void Engine::finish() {
  remove_deleted();
  bool all = pending_.empty();
  for (std::size_t i = 0; all && !partial() && i < levels_.size(); ++i)
    all = levels_[i].absent || (levels_[i].published && is_complete(i));
  if (all && !partial() && !state_.shown_gone.empty()) {
    state_.shown_gone.clear();
    unsaved_ = true;
  }
  held_extra_ = 0;
  if (all && options_.deletes.prune && !partial()) {
    const auto pruned = removal_.prune();
    held_extra_ = pruned.held;
    if (pruned.removed > 0) unsynced_ = true;
  }
  if (shop_.hooks) shop_.hooks->deletes_ended();
  if (all && state_.adopting && !partial()) {
    if (!options_.deletes.prune && !options_.deletes.skip) removal_.report_extraneous();
    state_.adopting = false;
    unsaved_ = true;
  }
  removal_.sweep();
  const bool held = held_deletes_ + held_extra_ != 0;
  report_.up_to_date = all && !held;
  only_deletes_open_ = all && held;
  bool wanting = !report_.up_to_date;
  for (std::size_t i = 1; !wanting && i < levels_.size(); ++i)
    wanting = upstream::need_of(levels_, i) != upstream::Need::none;
  if (!wanting) level_trouble_.over();
  if (report_.up_to_date && !partial() && !state_.failing.empty()) {
    state_.failing.clear();
    unsaved_ = true;
  }
  // Only now: until then some level may still tell of changes that are newer than all we knew.
  const auto& newest = levels_.front().facts->newest;
  if (all && !partial() && newest && (!state_.newest || *state_.newest < *newest)) {
    state_.newest = newest;
    unsaved_ = true;
  }
  if (unsaved_) save_state();
  sync_content();
}

}  // namespace recentd::mirror
