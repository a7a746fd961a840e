#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <recentd/clock.hpp>
#include <recentd/delete_limit.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/observer.hpp>

#include "base/log_throttle.hpp"
#include "mirror/hook_points.hpp"
#include "mirror/plan/tree_count.hpp"
#include "state/progress.hpp"
#include "sys/tree/dir.hpp"
#include "upstream/chain.hpp"

namespace recentd::mirror {

// Deletes that are more than max_delete allows.
struct Flood {
  std::uint64_t deletes = 0;
  std::uint64_t tree = 0;  // files that there were before them
};

// Decides whether deletes are so many that somebody should look first, and raises the alarm: at once, then
// with falling frequency; recentd-mirror(7), The guard. Judged are all queued deletes with those that levels
// not worked off yet still tell, so that a flood is recognised before its first file is gone.
class DeleteGuard {
 public:
  // All must outlive it.
  DeleteGuard(const MirrorOptions& options, const sys::Dir& target, const upstream::Chain& chain,
              state::Progress& progress, HookPoints& hooks, Observer& observer, Clock& clock);

  // The flood that the queued deletes are part of, if there is one. Those that have nothing to remove leave
  // the queue. A held flood is not counted again while nothing has changed.
  const std::optional<Flood>& judge();
  // The same for files that prune would remove.
  [[nodiscard]] bool allows(const Flood& flood) const { return limit_.allows(flood.deletes, flood.tree); }

  // At least so many files are named as present.
  [[nodiscard]] std::uint64_t present_min() const { return bounds().present_min; }
  // `what`: who wants them gone, to be followed by how many of how many.
  void alarm(const Flood& flood, std::string_view what, std::string_view advice);
  // No deletes are held back: the next alarm is the first.
  void all_is_well() { alarm_.over(); }

 private:
  std::optional<Flood> judge_anew();
  std::uint64_t strike_absent();
  [[nodiscard]] Estimate bounds() const;
  [[nodiscard]] Flood count(std::uint64_t queued, std::uint64_t ahead_max) const;
  [[nodiscard]] bool is_here(const EventRow& row) const;
  [[nodiscard]] bool is_here(const RelPath& path) const;

  const DeleteLimit& limit_;
  const SelectOptions& select_;
  const sys::Dir& target_;
  const upstream::Chain& chain_;
  state::Progress& progress_;
  HookPoints& hooks_;
  Observer& observer_;
  Clock& clock_;
  std::string judged_;          // what the last judgement rested on
  std::optional<Flood> flood_;  // what came out
  ReminderThrottle alarm_;
};

}  // namespace recentd::mirror
