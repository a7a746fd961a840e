#include "mirror/transfer/pipeline.hpp"

#include <algorithm>
#include <ctime>
#include <span>
#include <utility>

#include "base/meter.hpp"

namespace recentd::mirror {
namespace {

constexpr unsigned k_unfit_max = 8;  // files that do not fit, in one pass: each costs a call of rsync

int local_minute_of_day(TimePoint time) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return local.tm_hour * 60 + local.tm_min;
}

}  // namespace

Pipeline::Pipeline(const MirrorOptions& options, Fetcher& fetcher, Settler& settler,
                   state::Progress& progress, IsDue principal_is_due, target::DemandSame demand_same,
                   HookPoints& hooks, Observer& observer, Clock& clock, Overtaker overtaker)
    : options_(options),
      fetcher_(fetcher),
      settler_(settler),
      progress_(progress),
      principal_is_due_(std::move(principal_is_due)),
      demand_same_(std::move(demand_same)),
      hooks_(hooks),
      observer_(observer),
      clock_(clock),
      overtaker_(std::move(overtaker)),
      batch_size_(options.connect.max_files_per_connection) {}

WorkEnd Pipeline::run(const std::string& interval, LevelScan& scan) {
  Run run{.interval = interval, .scan = scan};
  transfer_all(run);
  if (run.end == WorkEnd::finished && !run.blocked.empty()) retry_blocked(run);
  return run.end;
}

WorkEnd Pipeline::run_together(const std::string& interval, LevelScan& scan, std::vector<Step> steps) {
  Run run{.interval = interval, .scan = scan};
  const auto most = options_.connect.max_files_per_connection;
  for (std::span<Step> left(steps);
       !left.empty() && run.end != WorkEnd::broken && run.end != WorkEnd::stopped;) {
    const auto some = left.first(std::min(most, left.size()));
    left = left.subspan(some.size());
    Batch batch(run.interval, {some.begin(), some.end()});
    batch.together = true;
    if (settler_.prepare(batch)) {
      begin(run, batch);
      transfer(batch);
    }
    conclude(run, batch, &run.blocked);
  }
  if (run.end == WorkEnd::finished && !run.blocked.empty()) retry_blocked(run);
  return run.end;
}

Done& Pipeline::done_of(const Run& run) {
  return progress_.level(run.interval).done;
}

// Keeps all connections busy until the level is through or something else is due; then waits for those under
// way.
void Pipeline::transfer_all(Run& run) {
  under_way_.clear();
  Connections connections(fetcher_.calls_at_once(), [this](Batch& batch, const Meanwhile& meanwhile) {
    fetcher_.transfer(batch, meanwhile);
  });
  const Meanwhile meanwhile{.once =
                                [&] {
                                  conclude_through(run);
                                  if (works_ahead() && run.end == WorkEnd::finished)
                                    prepare(run, batch_size_.likely());
                                },
                            .now_and_then = [this] { overtake(); }};
  for (;;) {
    while (run.end == WorkEnd::finished && !connections.full()) {
      prepare(run, batch_size_.next());
      if (!run.ready || run.end != WorkEnd::finished) break;
      start(run, connections);
    }
    if (connections.empty()) break;
    auto batch = connections.next(meanwhile);
    std::erase(under_way_, batch.get());
    if (!batch->problem) batch_size_.note(batch->wanted.size(), batch->took);
    if (run.ready && run.ready->wanted.size() > 2 * batch_size_.next()) give_up_ready(run);
    const bool goes_on = run.ready && run.end == WorkEnd::finished && !is_urgent(*batch);
    if (goes_on) start(run, connections);
    run.through = std::move(batch);
    if (!goes_on) conclude_through(run);
  }
  if (run.ready) give_up_ready(run);
}

// Makes the next batch ready that has something to transfer; those that have nothing are concluded at once.
void Pipeline::prepare(Run& run, std::size_t files) {
  const auto most = options_.connect.max_files_per_connection;
  while (!run.ready && run.end == WorkEnd::finished) {
    auto steps = run.scan.next(std::min(files, most));
    if (steps.empty()) return;
    auto batch = std::make_unique<Batch>(run.interval, std::move(steps));
    if (settler_.prepare(*batch)) {
      run.ready = std::move(batch);
      return;
    }
    files = most;  // all of these are here, so the next ones may well be
    conclude(run, *batch, &run.blocked);
  }
}

void Pipeline::begin(const Run& run, Batch& batch) {
  demand_same_();
  fetcher_.begin(batch, bytes_per_s_now());
  observer_.batch_started(run.interval, batch.wanted.size());
}

void Pipeline::start(Run& run, Connections& connections) {
  begin(run, *run.ready);
  under_way_.push_back(run.ready.get());
  connections.start(std::exchange(run.ready, nullptr));
}

// One by itself.
void Pipeline::transfer(Batch& batch) {
  under_way_.assign(1, &batch);
  fetcher_.transfer(batch, {.now_and_then = [this] { overtake(); }});
  under_way_.clear();
}

// While a batch takes so long that the principal is due.
void Pipeline::overtake() {
  if (!works_ahead() || !overtaker_.is_due()) return;
  Overtaker::Paths paths;
  for (const auto* const batch : under_way_)
    for (const auto i : batch->wanted) paths.insert(batch->items[i].path->text());
  overtaker_.look(paths, bytes_per_s_now());
}

void Pipeline::conclude_through(Run& run) {
  if (const auto batch = std::exchange(run.through, nullptr)) conclude(run, *batch, &run.blocked);
}

void Pipeline::conclude(Run& run, Batch& batch, std::vector<Step>* blocked) {
  fetcher_.end(batch);
  settler_.judge(batch, blocked);
  batch.register_done(done_of(run));
  meter().add(batch.items.size());
  if (batch.room_wanted && ++unfit_ <= k_unfit_max) go_on_without(run, batch);
  if (batch.problem && !problem_) problem_ = batch.problem;
  const auto end = after(batch);
  if (run.end == WorkEnd::finished) run.end = end;
}

// The file that did not fit rests; what was to come after it is asked for again.
void Pipeline::go_on_without(Run& run, Batch& batch) {
  if (batch.open_for_room && !no_room_) no_room_ = batch.problem;
  batch.problem.reset();
  if (run.ready) give_up_ready(run);
  std::vector<Step> again;
  for (const auto& item : batch.items)
    if (item.path && !item.settled && item.outcome == transport::Outcome::not_tried)
      again.push_back(item.step);
  run.scan.put_back(std::move(again));
}

// What was settled without a transfer stays so; the other steps come next once more.
void Pipeline::give_up_ready(Run& run) {
  const auto batch = std::exchange(run.ready, nullptr);
  settler_.give_up(*batch);
  batch->register_done(done_of(run));
  run.scan.put_back(batch->open_steps());
  progress_.note_changed();
}

// The deletes that clear their way are older than they are, so they are known only now.
void Pipeline::retry_blocked(Run& run) {
  Batch batch(run.interval, std::move(run.blocked));
  batch.last_try = true;
  if (settler_.prepare(batch)) {
    begin(run, batch);
    transfer(batch);
  }
  conclude(run, batch, nullptr);
}

WorkEnd Pipeline::after(const Batch& batch) {
  progress_.note_changed();
  if (batch.note) progress_.note_written();
  if (batch.transferred || problem_) progress_.save();
  hooks_.batch_ended();
  if (clock_.stop().requested()) return WorkEnd::stopped;
  if (problem_) return WorkEnd::broken;
  if (!batch.transferred) return WorkEnd::finished;
  const auto rest = options_.poll.sleep_per_connection;
  if (rest.count() > 0) clock_.sleep_for(rest);
  return principal_is_due_() ? WorkEnd::principal_due : WorkEnd::finished;
}

// A rest or somebody's command between two connections leaves nothing to be done beside them.
bool Pipeline::works_ahead() const {
  return options_.poll.sleep_per_connection.count() == 0 && options_.hooks.after_batch.empty();
}

// Whether something is due that must not wait for another batch.
bool Pipeline::is_urgent(const Batch& batch) const {
  return batch.problem || principal_is_due_() || clock_.stop().requested();
}

// What the line allows now, shared among the calls.
std::uint64_t Pipeline::bytes_per_s_now() const {
  const auto limit = options_.connect.bwlimit.at(local_minute_of_day(clock_.now()));
  return limit == 0 ? 0 : std::max<std::uint64_t>(limit / fetcher_.calls_at_once(), 1);
}

}  // namespace recentd::mirror
