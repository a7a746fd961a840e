#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/mirror_report.hpp>
#include <recentd/observer.hpp>

#include "base/log_throttle.hpp"
#include "mirror/hook_points.hpp"
#include "mirror/publish/partial_index.hpp"
#include "state/progress.hpp"
#include "sys/tree/dir.hpp"
#include "target/demand_same.hpp"
#include "target/generations/generations.hpp"
#include "upstream/chain.hpp"

namespace recentd::mirror {

// Lets downstream mirrors see the index: which level's copy, in which order, once its content is here;
// recentd-mirror(7), SHOWING. A partial mirror must not promise what it has not: it shows files of its own
// writing.
class Publisher : public upstream::Shown {
 public:
  // All but the directory, which is private and on the target's file system, must outlive it. `chain` may be
  // made after it. `demand_same` is called before an index is shown.
  Publisher(const MirrorOptions& options, const sys::Dir& target, std::string private_directory,
            target::DemandSame demand_same, const target::Generations& generations,
            const upstream::Chain& chain, upstream::IndexCache& cache, state::Progress& progress,
            HookPoints& hooks, Observer& observer, Clock& clock, MirrorReport& report);

  // Whether what is wanted of the upstream is another part of it than in the mirror before.
  [[nodiscard]] bool wants_other_part() const { return selection_ != partial_index_.last_selection(); }
  // From now on it is not.
  void keep_part() { partial_index_.keep_selection(selection_); }

  void principal_fetched(const std::optional<std::string>& dirtymark) override;
  void look(upstream::LevelStatus& level) const override;

  // Shows the first `complete` levels, whose content is here, as far as they join what is visible: what a
  // level no longer has must be in the next larger one that is visible, so that no reader ever sees a gap
  // between two of them. True if anything became visible.
  bool show(std::vector<upstream::LevelStatus>& levels, std::size_t complete);

 private:
  void show_joined(std::vector<upstream::LevelStatus>& levels, std::size_t i, std::size_t complete);
  void note_hidden(const std::vector<upstream::LevelStatus>& levels, std::size_t complete);
  void show_one(std::vector<upstream::LevelStatus>& levels, std::size_t i);
  void offer(const std::vector<upstream::LevelStatus>& levels);
  void publish(const std::vector<upstream::LevelStatus>& levels, std::size_t i);
  [[nodiscard]] bool is_published(const upstream::LevelStatus& level) const;

  const sys::Dir& target_;
  std::string private_directory_;
  target::DemandSame demand_same_;
  const target::Generations& generations_;
  Fsync fsync_;
  const upstream::Chain& chain_;
  upstream::IndexCache& cache_;
  state::Progress& progress_;
  HookPoints& hooks_;
  Observer& observer_;
  Clock& clock_;
  MirrorReport& report_;
  bool publish_http_;
  LogThrottle offer_trouble_;
  std::string selection_;  // what a partial mirror leaves out; empty for a full one
  PartialIndex partial_index_;
};

}  // namespace recentd::mirror
