#pragma once

#include <cstdint>
#include <string>

#include <recentd/clock.hpp>
#include <recentd/delete_limit.hpp>

#include "base/log_throttle.hpp"
#include "mirror/hook_points.hpp"
#include "state/mirror_state.hpp"
#include "upstream/chain.hpp"

namespace recentd::mirror {

// Decides whether paths that cannot be had are so many that somebody should look before an index is shown
// without them, and raises the alarm: at once, then with falling frequency; recentd-mirror(7), Many at once.
class MissingGuard {
 public:
  // All must outlive it.
  MissingGuard(const DeleteLimit& limit, const upstream::Chain& chain, const state::MirrorState& state,
               HookPoints& hooks, Clock& clock);

  // Whether no further one may count as done. One alone always may.
  [[nodiscard]] bool too_many();
  // After a pass: how many the index waits for, for that reason alone. Tells it.
  std::uint64_t report();

 private:
  [[nodiscard]] std::uint64_t count_tree();

  const DeleteLimit& limit_;
  const upstream::Chain& chain_;
  const state::MirrorState& state_;
  HookPoints& hooks_;
  Clock& clock_;
  std::string counted_;     // what the last count rested on
  std::uint64_t tree_ = 0;  // what came out
  ReminderThrottle alarm_;
};

}  // namespace recentd::mirror
