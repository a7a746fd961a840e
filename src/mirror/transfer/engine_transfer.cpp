// The engine's transfers: one level in batches, several of them at once.

#include <algorithm>
#include <ctime>
#include <utility>

#include "mirror/pass.hpp"
#include "mirror/transfer/connections.hpp"

namespace recentd::mirror {
namespace {

int local_minute_of_day(TimePoint time) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return local.tm_hour * 60 + local.tm_min;
}

}  // namespace

Engine::WorkEnd Engine::work_off_level(std::size_t i, SeenPaths& seen, codec::EventReader& reader) {
  const upstream::LevelStatus& level = levels_[i];
  auto& done = state_.level(level.interval.spec()).done;
  if (done.ranges().size() > 1) {
    join_neighbours(*cache_.open(level.name, *level.facts), done);
    unsaved_ = true;
  }
  const auto bound = upstream::vouched_for(levels_, i);
  ScanRules rules{bookkeeping_, done, pending_, options_.deletes.skip,
                  {},           {},   {},       options_.select.max_events};
  rules.resting = &resting_;
  if (!options_.select.filter.empty()) rules.filter = &options_.select.filter;
  if (bound) rules.hold_above = bound->view();
  if (options_.select.after) rules.after = options_.select.after->view();
  if (options_.select.before) rules.before = options_.select.before->view();

  LevelScan scan(reader, rules, seen);
  std::vector<Step> blocked;
  auto end = transfer_all(i, scan, &blocked);
  if (end != WorkEnd::finished || blocked.empty()) return end;
  // The deletes that clear their way are older than they are, so they are known only now.
  Batch again(shop_, removal_, level.interval.spec(), known_newest_, std::move(blocked));
  if (again.prepare()) {
    again.begin(bytes_per_s_now());
    again.transfer();
  }
  return conclude(again, done, nullptr);
}

// The next batch that has something to transfer; those that have nothing are concluded at once.
std::unique_ptr<Batch> Engine::next_batch(std::size_t i, LevelScan& scan, std::size_t most,
                                          std::vector<Step>* blocked, WorkEnd& end) {
  const auto& interval = levels_[i].interval.spec();
  while (end == WorkEnd::finished) {
    auto steps = scan.next(std::min(most, options_.connect.max_files_per_connection));
    if (steps.empty()) break;
    auto batch = std::make_unique<Batch>(shop_, removal_, interval, known_newest_, std::move(steps));
    if (batch->prepare()) return batch;
    most = options_.connect.max_files_per_connection;  // all of these are here, so the next ones may well be
    end = first_of(end, conclude(*batch, state_.level(interval).done, blocked));
  }
  return nullptr;
}

// A rest or somebody's command between two connections leaves nothing to be done beside them.
bool Engine::works_ahead() const {
  return options_.poll.sleep_per_connection.count() == 0 && options_.hooks.after_batch.empty();
}

Engine::WorkEnd Engine::transfer_all(std::size_t i, LevelScan& scan, std::vector<Step>* blocked) {
  return options_.connect.connections == 1 && works_ahead() ? transfer_in_turn(i, scan, blocked)
                                                            : transfer_in_lanes(i, scan, blocked);
}

// Keeps all connections busy until the level is through or something else is due; then waits for those under
// way. Meanwhile the batch after them is made ready, so that no lane waits for it.
Engine::WorkEnd Engine::transfer_in_lanes(std::size_t i, LevelScan& scan, std::vector<Step>* blocked) {
  auto& done = state_.level(levels_[i].interval.spec()).done;
  Connections connections(options_.connect.connections);
  std::unique_ptr<Batch> next;
  auto end = WorkEnd::finished;
  bool more = true;
  const auto prepare = [&] {
    if (more && !next) next = next_batch(i, scan, batch_size_.next(), blocked, end);
    more = next != nullptr;
  };
  const auto start = [&] {
    next->begin(bytes_per_s_now());
    connections.start(std::exchange(next, nullptr));
  };
  const auto give_up = [&] { abandon(*std::exchange(next, nullptr), scan, done); };
  while (more || !connections.empty()) {
    while (more && !connections.full()) {
      prepare();
      if (next) start();
    }
    if (works_ahead()) prepare();
    if (connections.empty()) break;
    const auto batch = connections.next();
    if (!batch->broken()) batch_size_.note(batch->files(), batch->took());
    if (next && next->files() > 2 * batch_size_.next()) give_up();
    if (next && !is_urgent(*batch)) start();
    end = first_of(end, conclude(*batch, done, blocked));
    more = more && end == WorkEnd::finished;
    if (next && !more) give_up();
  }
  return end;
}

// Whether something is due that must not wait for another batch.
bool Engine::is_urgent(const Batch& batch) const {
  return batch.broken() || principal_due() || clock_.stop().requested();
}

void Engine::abandon(Batch& batch, LevelScan& scan, Done& done) {
  scan.put_back(batch.abandon(done));
  unsaved_ = true;
}

// One connection after the other; while one is under way, the batch before it is concluded and the one after
// it prepared.
Engine::WorkEnd Engine::transfer_in_turn(std::size_t i, LevelScan& scan, std::vector<Step>* blocked) {
  auto& done = state_.level(levels_[i].interval.spec()).done;
  auto end = WorkEnd::finished;
  const auto settle = [&](const std::unique_ptr<Batch>& batch) {
    end = first_of(end, conclude(*batch, done, blocked));
  };
  std::unique_ptr<Batch> before, next = next_batch(i, scan, batch_size_.next(), blocked, end);
  while (next && end == WorkEnd::finished) {
    auto batch = std::exchange(next, nullptr);
    batch->begin(bytes_per_s_now());
    batch->transfer([&] {
      if (before) settle(std::exchange(before, nullptr));
      next = next_batch(i, scan, batch_size_.likely(), blocked, end);
    });
    if (!batch->broken()) batch_size_.note(batch->files(), batch->took());
    if (next && next->files() > 2 * batch_size_.next()) abandon(*std::exchange(next, nullptr), scan, done);
    if (end != WorkEnd::finished || is_urgent(*batch))
      settle(batch);
    else
      before = std::move(batch);
    if (next) continue;
    if (before) settle(std::exchange(before, nullptr));
    next = next_batch(i, scan, batch_size_.next(), blocked, end);
  }
  if (next) abandon(*next, scan, done);
  return end;
}

Engine::WorkEnd Engine::conclude(Batch& batch, Done& done, std::vector<Step>* blocked) {
  auto problem = batch.conclude(done, blocked);
  if (problem && !problem_) problem_ = std::move(problem);
  return after_batch(batch.transferred());
}

// What the line allows now, shared among the connections.
std::uint64_t Engine::bytes_per_s_now() const {
  const auto limit = options_.connect.bwlimit.at(local_minute_of_day(clock_.now()));
  return limit == 0 ? 0 : std::max<std::uint64_t>(limit / options_.connect.connections, 1);
}

}  // namespace recentd::mirror
