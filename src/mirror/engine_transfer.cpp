// The engine's transfers: one level in batches, several of them at once.

#include <algorithm>
#include <ctime>

#include "mirror/engine.hpp"
#include "mirror/lanes.hpp"

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
  const LevelStatus& level = levels_[i];
  auto& done = state_.level(level.interval.spec()).done;
  if (done.ranges().size() > 1) {
    join_neighbours(*cache_.open(level.name, *level.facts), done);
    unsaved_ = true;
  }
  const auto bound = vouched_for(levels_, i);
  ScanRules rules{bookkeeping_, done, pending_, options_.skip_deletes, {}, {}, {}, options_.max_events};
  rules.resting = &resting_;
  if (!options_.filter.empty()) rules.filter = &options_.filter;
  if (bound) rules.hold_above = bound->view();
  if (options_.after) rules.after = options_.after->view();
  if (options_.before) rules.before = options_.before->view();

  LevelScan scan(reader, rules, seen);
  std::vector<Step> blocked;
  auto end = transfer_all(i, scan, &blocked);
  if (end != WorkEnd::finished || blocked.empty()) return end;
  // The deletes that clear their way are older than they are, so they are known only now.
  Batch again(shop_, removal_, level.interval.spec(), known_newest_, std::move(blocked));
  if (again.prepare(bytes_per_s_now())) again.transfer();
  return conclude(again, done, nullptr);
}

// Keeps all lanes busy until the level is through or something else is due; then waits for those under way.
Engine::WorkEnd Engine::transfer_all(std::size_t i, LevelScan& scan, std::vector<Step>* blocked) {
  const auto& interval = levels_[i].interval.spec();
  auto& done = state_.level(interval).done;
  Lanes lanes(options_.connections);
  auto end = WorkEnd::finished;
  bool all_here = false;  // the last batch needed no connection, so the next one may be large
  for (bool more = true; more || !lanes.empty();) {
    while (more && !lanes.full()) {
      const auto most = all_here ? options_.max_files_per_connection : batch_size_.next();
      auto steps = scan.next(std::min(most, options_.max_files_per_connection));
      more = !steps.empty();
      if (!more) break;
      auto batch = std::make_unique<Batch>(shop_, removal_, interval, known_newest_, std::move(steps));
      all_here = !batch->prepare(bytes_per_s_now());
      if (!all_here)
        lanes.start(std::move(batch));
      else
        end = first_of(end, conclude(*batch, done, blocked));
      more = end == WorkEnd::finished;
    }
    if (lanes.empty()) break;
    const auto batch = lanes.next();
    end = first_of(end, conclude(*batch, done, blocked));
    more = more && end == WorkEnd::finished;
  }
  return end;
}

Engine::WorkEnd Engine::conclude(Batch& batch, Done& done, std::vector<Step>* blocked) {
  auto problem = batch.conclude(done, blocked);
  if (!problem) batch_size_.note(batch.files(), batch.took());
  if (problem && !problem_) problem_ = std::move(problem);
  return after_batch(batch.transferred());
}

// What the line allows now, shared among the connections.
std::uint64_t Engine::bytes_per_s_now() const {
  const auto limit = options_.bwlimit.at(local_minute_of_day(clock_.now()));
  return limit == 0 ? 0 : std::max<std::uint64_t>(limit / options_.connections, 1);
}

}  // namespace recentd::mirror
