#include "mirror/deletes/delete_guard.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/text.hpp"
#include "mirror/plan/tree_count.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

// What a judgement rests on, as one text.
std::string fingerprint(const std::vector<upstream::LevelStatus>& levels, std::uint64_t queued,
                        const Estimate& estimate) {
  std::string text = cat(queued, " ", estimate.ahead_max);
  for (const auto& level : levels)
    if (level.facts && level.facts->newest)
      text += cat(" ", level.facts->newest->text(), "/", level.facts->events);
  return text;
}

}  // namespace

DeleteGuard::DeleteGuard(const DeleteLimit& limit, const sys::Dir& target, const upstream::Chain& chain,
                         state::Progress& progress, HookPoints& hooks, Observer& observer, Clock& clock)
    : limit_(limit),
      target_(target),
      chain_(chain),
      progress_(progress),
      hooks_(hooks),
      observer_(observer),
      clock_(clock) {}

// Takes deletes out of the queue that have nothing to remove; returns how many of the others wait for
// max_delete's leave.
std::uint64_t DeleteGuard::strike_absent() {
  std::uint64_t left = 0;
  std::vector<std::string> absent;
  for (const auto& [text, pending] : progress_.state().deletes) {
    const auto path = RelPath::parse(text, chain_.bookkeeping());
    if (!path || (!target_.lstat(*path) && !target_.link_in_the_way(path->parent())))
      absent.push_back(text);
    else if (!pending.accepted)
      ++left;
  }
  for (const auto& path : absent) progress_.drop_delete(path);
  return left;
}

// Exactly: what the index names, and what of the target is still to go.
Flood DeleteGuard::count(std::uint64_t queued) const {
  Flood flood{queued, 0};
  SeenPaths seen;
  const auto& state = progress_.state();
  newest_events(chain_, state, seen, [&](const EventRow& row, bool open) {
    if (row.type == EventType::new_) ++flood.tree;
    if (row.type != EventType::delete_ || !open || state.deletes.contains(row.path())) return;
    const auto path = RelPath::parse(row.path(), chain_.bookkeeping());
    if (path && target_.lstat(*path)) ++flood.deletes;
  });
  flood.tree += flood.deletes;
  return flood;
}

const std::optional<Flood>& DeleteGuard::judge() {
  flood_ = judge_anew();
  return flood_;
}

std::optional<Flood> DeleteGuard::judge_anew() {
  const auto& queue = progress_.state().deletes;
  auto queued = static_cast<std::uint64_t>(
      std::ranges::count_if(queue, [](const auto& entry) { return !entry.second.accepted; }));
  if (queued == 0 || limit_.unlimited()) return {};
  const auto rough = estimate(chain_.levels(), progress_.state());
  if (limit_.allows(queued + rough.ahead_max, rough.present_min + queued)) return {};
  auto rests_on = fingerprint(chain_.levels(), queued, rough);
  if (flood_ && judged_ == rests_on) return flood_;
  queued = strike_absent();
  const auto flood = count(queued);
  judged_ = fingerprint(chain_.levels(), queued, rough);
  if (queued == 0 || allows(flood)) return {};
  return flood;
}

void DeleteGuard::alarm(const Flood& flood, std::string_view what, std::string_view advice) {
  observer_.deletes_held(flood.deletes, flood.tree);
  if (!alarm_.due(clock_.steady(), flood.deletes)) return;
  const auto message = cat("ALARM: ", what, " are more than max_delete allows; none is done. ", advice);
  k_log.error(message, {{"deletes", std::to_string(flood.deletes)},
                        {"tree", std::to_string(flood.tree)},
                        {"max_delete", limit_.text()}});
  hooks_.trouble(cat(flood.deletes, " of ", flood.tree, " files: ", message));
}

}  // namespace recentd::mirror
