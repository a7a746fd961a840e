#include "mirror/deletes/delete_guard.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/text.hpp"
#include "sys/failure.hpp"

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

// One that was let through and could not be done is judged no more.
bool waits_for_leave(const state::PendingDelete& pending) {
  return !pending.accepted && pending.rounds == 0;
}

}  // namespace

DeleteGuard::DeleteGuard(const MirrorOptions& options, const sys::Dir& target, const upstream::Chain& chain,
                         state::Progress& progress, HookPoints& hooks, Observer& observer, Clock& clock)
    : limit_(options.deletes.limit),
      select_(options.select),
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
    if (!path || (!is_here(*path) && !target_.link_in_the_way(path->parent())))
      absent.push_back(text);
    else if (waits_for_leave(pending))
      ++left;
  }
  for (const auto& path : absent) progress_.drop_delete(path);
  return left;
}

bool DeleteGuard::is_here(const EventRow& row) const {
  const auto path = RelPath::parse(row.path(), chain_.bookkeeping());
  return path && is_here(*path);
}

// Where nobody lets us look it may be.
bool DeleteGuard::is_here(const RelPath& path) const {
  try {
    return target_.lstat(path).has_value();
  } catch (const Error& error) {
    if (!sys::concerns_path_alone(error)) throw;
    return true;
  }
}

// Of the part that a partial mirror wants the levels' facts tell nothing.
Estimate DeleteGuard::bounds() const {
  auto rough = estimate(chain_.levels(), progress_.state());
  if (!select_.filter.empty() || select_.max_file_size != 0) rough.present_min = 0;
  return rough;
}

// Exactly: what the index names of what is wanted here, and what of the target is still to go. Which files
// were too large is only seen on the disk, and looked for no longer than the answer may depend on it.
Flood DeleteGuard::count(std::uint64_t queued, std::uint64_t ahead_max) const {
  Flood flood{queued, 0};
  SeenPaths seen;
  const auto& state = progress_.state();
  const auto is_ours = [&](const EventRow& row) {
    if (select_.max_file_size == 0 || limit_.allows(queued + ahead_max, flood.tree + queued)) return true;
    return is_here(row);
  };
  newest_events(chain_, state, seen, [&](const EventRow& row, bool open) {
    if (!select_.filter.wants(row.path())) return;
    if (row.type == EventType::new_ && is_ours(row)) ++flood.tree;
    if (row.type != EventType::delete_ || !open || state.deletes.contains(row.path())) return;
    if (is_here(row)) ++flood.deletes;
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
      std::ranges::count_if(queue, [](const auto& entry) { return waits_for_leave(entry.second); }));
  if (queued == 0 || limit_.unlimited()) return {};
  const auto rough = bounds();
  if (limit_.allows(queued + rough.ahead_max, rough.present_min + queued)) return {};
  auto rests_on = fingerprint(chain_.levels(), queued, rough);
  if (flood_ && judged_ == rests_on) return flood_;
  queued = strike_absent();
  const auto flood = count(queued, rough.ahead_max);
  judged_ = fingerprint(chain_.levels(), queued, rough);
  if (queued == 0 || allows(flood)) return {};
  return flood;
}

void DeleteGuard::alarm(const Flood& flood, std::string_view what, std::string_view advice) {
  observer_.deletes_held(flood.deletes, flood.tree);
  if (!alarm_.due(clock_.steady(), flood.deletes)) return;
  const auto message = cat("ALARM: ", what, " ", flood.deletes, " of ", flood.tree, " files, ",
                           limit_.objection(flood.deletes, flood.tree), "; none is done. ", advice);
  k_log.error(message, {{"deletes", std::to_string(flood.deletes)},
                        {"tree", std::to_string(flood.tree)},
                        {"max_delete", limit_.text()}});
  hooks_.trouble(message);
}

}  // namespace recentd::mirror
