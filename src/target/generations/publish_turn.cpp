#include "target/generations/publish_turn.hpp"

namespace recentd::target {

PublishTurn publish_turn(const PublishSituation& situation) noexcept {
  if (situation.shown && !situation.news) return PublishTurn::nothing_new;
  // What is not shown has no readers that came by LINK.
  if (!situation.shown || !situation.idle_is_there || !situation.left_s) return PublishTurn::bring_up;
  // A clock that was set back must not make the wait longer than it is.
  const auto since = situation.now_s - *situation.left_s;
  return since >= 0 && since < situation.grace_s ? PublishTurn::wait : PublishTurn::bring_up;
}

}  // namespace recentd::target
