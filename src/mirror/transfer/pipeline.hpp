#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/observer.hpp>

#include "mirror/hook_points.hpp"
#include "mirror/plan/level_scan.hpp"
#include "mirror/transfer/batch.hpp"
#include "mirror/transfer/batch_size.hpp"
#include "mirror/transfer/connections.hpp"
#include "mirror/transfer/fetcher.hpp"
#include "mirror/transfer/overtaker.hpp"
#include "mirror/transfer/settler.hpp"
#include "state/progress.hpp"
#include "target/demand_same.hpp"

namespace recentd::mirror {

// How far some work came.
enum class WorkEnd : std::uint8_t {
  finished,
  principal_due,  // it took long: another look at the principal comes first
  broken,         // a connection broke
  stopped,        // the process was asked to stop
};

// Works off the events of a level in batches, over one connection or several at once; while one batch is
// under way, the one before it is judged and the one after it made ready, and what is new overtakes. Progress
// is saved after each; see recentd-mirror(7), Batches. Not for use from two threads.
class Pipeline {
 public:
  // Whether the principal is to be looked at before more work.
  using IsDue = std::function<bool()>;

  // All must outlive it. `demand_same` is called before each batch.
  Pipeline(const MirrorOptions& options, Fetcher& fetcher, Settler& settler, state::Progress& progress,
           IsDue principal_is_due, target::DemandSame demand_same, HookPoints& hooks, Observer& observer,
           Clock& clock, Overtaker overtaker);

  // Works off what `scan` hands out of the level of this interval.
  WorkEnd run(const std::string& interval, LevelScan& scan);
  // The same for what `scan` had set aside: it gets its names together, in the order of the steps.
  WorkEnd run_together(const std::string& interval, LevelScan& scan, std::vector<Step> steps);
  // Why run() found a connection broken.
  [[nodiscard]] const std::optional<transport::Problem>& problem() const noexcept { return problem_; }
  // Why a file did not fit here that its index waits for; all else went on.
  [[nodiscard]] const std::optional<transport::Problem>& no_room() const noexcept { return no_room_; }
  void forget_problem() {
    problem_.reset();
    no_room_.reset();
    unfit_ = 0;
  }

 private:
  // One run() under way.
  struct Run {
    const std::string& interval;
    LevelScan& scan;
    std::vector<Step> blocked = {};       // by a local directory
    std::unique_ptr<Batch> ready = {};    // the next to be transferred
    std::unique_ptr<Batch> through = {};  // transferred, and not judged yet
    WorkEnd end = WorkEnd::finished;
  };
  [[nodiscard]] Done& done_of(const Run& run);
  void transfer_all(Run& run);
  void prepare(Run& run, std::size_t files);
  void begin(const Run& run, Batch& batch);
  void start(Run& run, Connections& connections);
  void conclude(Run& run, Batch& batch, std::vector<Step>* blocked);
  void conclude_through(Run& run);
  void transfer(Batch& batch);
  void overtake();
  void give_up_ready(Run& run);
  void go_on_without(Run& run, Batch& batch);
  void retry_blocked(Run& run);
  WorkEnd after(const Batch& batch);
  [[nodiscard]] bool works_ahead() const;
  [[nodiscard]] bool is_urgent(const Batch& batch) const;
  [[nodiscard]] std::uint64_t bytes_per_s_now() const;

  const MirrorOptions& options_;
  Fetcher& fetcher_;
  Settler& settler_;
  state::Progress& progress_;
  IsDue principal_is_due_;
  target::DemandSame demand_same_;
  HookPoints& hooks_;
  Observer& observer_;
  Clock& clock_;
  Overtaker overtaker_;
  std::vector<const Batch*> under_way_;
  BatchSize batch_size_;
  std::optional<transport::Problem> problem_, no_room_;
  unsigned unfit_ = 0;  // batches in which a file did not fit
};

}  // namespace recentd::mirror
