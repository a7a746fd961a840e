#include "mirror/publish/missing_guard.hpp"

#include "base/log.hpp"
#include "base/text.hpp"
#include "mirror/plan/tree_count.hpp"
#include "state/missing_paths.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

}  // namespace

MissingGuard::MissingGuard(const DeleteLimit& limit, const upstream::Chain& chain,
                           const state::MirrorState& state, HookPoints& hooks, Clock& clock)
    : limit_(limit), chain_(chain), state_(state), hooks_(hooks), clock_(clock) {}

// Files that the index names.
std::uint64_t MissingGuard::count_tree() {
  std::string rests_on;
  for (const auto& level : chain_.levels())
    if (level.facts && level.facts->newest)
      rests_on += cat(level.facts->newest->text(), "/", level.facts->events, " ");
  if (rests_on == counted_) return tree_;
  tree_ = 0;
  SeenPaths seen;
  newest_events(chain_, state_, seen, [this](const EventRow& row, bool) {
    if (row.type == EventType::new_) ++tree_;
  });
  counted_ = std::move(rests_on);
  return tree_;
}

bool MissingGuard::too_many() {
  const auto missing = static_cast<std::uint64_t>(state_.missing.size());
  if (missing <= 1 || limit_.unlimited()) return false;
  if (limit_.allows(missing, estimate(chain_.levels(), state_).present_min)) return false;
  return !limit_.allows(missing, count_tree());
}

std::uint64_t MissingGuard::report() {
  const auto held = state::count_held(state_);
  if (held == 0) {
    alarm_.over();
    return 0;
  }
  if (!alarm_.due(clock_.steady(), held)) return held;
  const auto missing = state_.missing.size();
  const auto message = cat(
      "ALARM: paths that the index names and that cannot be had are more than max_delete allows; the index "
      "is not shown without them. Check the upstream (`recentd why` tells more of each); if that is how it "
      "is, run `recentd mirror SOURCE TARGET --max-delete none` once");
  k_log.error(
      message,
      {{"missing", std::to_string(missing)}, {"tree", std::to_string(tree_)}, {"max_delete", limit_.text()}});
  hooks_.trouble(cat(missing, " of ", tree_, " files: ", message));
  return held;
}

}  // namespace recentd::mirror
