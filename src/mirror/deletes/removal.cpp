#include "mirror/deletes/removal.hpp"

#include <algorithm>
#include <functional>
#include <memory>

#include <recentd/error.hpp>

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

Removal::Removal(Workshop& shop, const upstream::IndexCache& cache,
                 const std::vector<upstream::LevelStatus>& levels)
    : shop_(shop), cache_(cache), levels_(levels) {
  if (shop.options.deletes.quarantine.empty()) {
    refuse_to_lose_quarantine();
    return;
  }
  quarantine_.emplace(shop.options.deletes.quarantine, shop.target, shop.clock,
                      target::Quarantine::Open::make);
  target::note_quarantine(shop.target.path(), quarantine_->path());
}

// Whoever accepts deletes from a command line easily forgets what else the mirror is run with.
void Removal::refuse_to_lose_quarantine() const {
  if (!shop_.options.deletes.accept) return;
  const auto noted = target::noted_quarantine(shop_.target.path());
  if (!noted) return;
  throw Error(Kind::refused,
              cat("the deletes of this mirror went to the quarantine ", quoted(*noted),
                  " until now; add --quarantine ", escaped(*noted),
                  ", or --max-delete none instead of --accept-deletes to remove the files for good"),
              shop_.target.path());
}

bool Removal::is_visible(const std::string& interval) const {
  for (const auto& level : levels_)
    if (level.interval.spec() == interval) return level.published;
  return true;  // no longer in the chain: nothing will show it any more
}

void Removal::accept_queued(const std::optional<Epoch>& up_to) {
  for (auto& [path, pending] : shop_.state.deletes)
    if (!up_to || !(*up_to < pending.epoch)) pending.accepted = true;
}

// Takes deletes out of the queue that have nothing to remove; returns how many of the others wait for
// max_delete's leave.
std::uint64_t Removal::strike_absent() {
  std::uint64_t left = 0;
  auto& queue = shop_.state.deletes;
  for (auto it = queue.begin(); it != queue.end();) {
    const auto path = RelPath::parse(it->first, shop_.bookkeeping);
    if (!path || !shop_.target.lstat(*path)) {
      it = queue.erase(it);
      continue;
    }
    if (!it->second.accepted) ++left;
    ++it;
  }
  return left;
}

// Exactly: what the index names, and what of the target is still to go.
Removal::Flood Removal::count(std::uint64_t queued) const {
  Flood flood{queued, 0};
  SeenPaths seen;
  newest_events(levels_, shop_.state, cache_, seen, [&](const EventRow& row, bool open) {
    if (row.type == EventType::new_) ++flood.tree;
    if (row.type != EventType::delete_ || !open || shop_.state.deletes.contains(row.path())) return;
    const auto path = RelPath::parse(row.path(), shop_.bookkeeping);
    if (path && shop_.target.lstat(*path)) ++flood.deletes;
  });
  flood.tree += flood.deletes;
  return flood;
}

// The flood if there is one. A held one is not counted again while nothing has changed.
std::optional<Removal::Flood> Removal::judge() {
  const auto& limit = shop_.options.deletes.limit;
  const auto& queue = shop_.state.deletes;
  auto queued = static_cast<std::uint64_t>(
      std::count_if(queue.begin(), queue.end(), [](const auto& entry) { return !entry.second.accepted; }));
  if (queued == 0 || limit.unlimited()) return {};
  const auto rough = estimate(levels_, shop_.state);
  if (limit.allows(queued + rough.ahead_max, rough.present_min + queued)) return {};
  auto rests_on = fingerprint(levels_, queued, rough);
  if (flood_ && judged_ == rests_on) return flood_;
  queued = strike_absent();
  const auto flood = count(queued);
  judged_ = fingerprint(levels_, queued, rough);
  if (queued == 0 || limit.allows(flood.deletes, flood.tree)) return {};
  return flood;
}

void Removal::alarm(const Flood& flood, std::string_view what, std::string_view advice) {
  shop_.observer.deletes_held(flood.deletes, flood.tree);
  if (!alarm_.due(shop_.clock.steady(), flood.deletes)) return;
  const auto message = cat("ALARM: ", what, " are more than max_delete allows; none is done. ", advice);
  k_log.error(message, {{"deletes", std::to_string(flood.deletes)},
                        {"tree", std::to_string(flood.tree)},
                        {"max_delete", shop_.options.deletes.limit.text()}});
  if (shop_.hooks) shop_.hooks->trouble(cat(flood.deletes, " of ", flood.tree, " files: ", message));
}

std::vector<Removal::Candidate> Removal::due(bool held) const {
  std::vector<Candidate> found;
  for (const auto& [text, pending] : shop_.state.deletes) {
    if ((held && !pending.accepted) || !is_visible(pending.interval)) continue;
    auto path = RelPath::parse(text, shop_.bookkeeping);
    if (!path) continue;
    const auto local = shop_.target.lstat(*path);
    const bool directory = local && local->type == sys::FileType::directory;
    found.push_back({std::move(*path), pending.interval, directory});
  }
  std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
    if (a.directory != b.directory) return b.directory;
    return a.directory && a.path.text().size() > b.path.text().size();
  });
  return found;
}

sys::Dir::Removal Removal::unlink(const RelPath& path) {
  if (!quarantine_) return shop_.target.unlink(path);
  using Move = sys::Dir::Move;
  switch (quarantine_->take(path)) {
    case Move::moved:
      return sys::Dir::Removal::removed;
    case Move::absent:
      return sys::Dir::Removal::absent;
    case Move::is_directory:
      return sys::Dir::Removal::is_directory;
    default:
      throw Error(Kind::io, cat("cannot move ", quoted(path.text()), " to the quarantine ",
                                quoted(quarantine_->path()), ": its place there is taken"));
  }
}

void Removal::sweep() {
  if (quarantine_) quarantine_->sweep(shop_.options.deletes.quarantine_keep);
}

bool Removal::remove_one(const Candidate& candidate) {
  const auto removal = candidate.directory ? shop_.target.rmdir(candidate.path) : unlink(candidate.path);
  if (removal != sys::Dir::Removal::removed) return false;
  ++shop_.report.deleted;
  shop_.observer.file_deleted(candidate.interval, candidate.path.text());
  if (shop_.hooks) shop_.hooks->removed(candidate.path.text());
  shop_.target.remove_empty_parents(candidate.path);
  return true;
}

RemovalResult Removal::perform() {
  RemovalResult result;
  std::erase_if(shop_.state.deletes, [&](const auto& entry) {
    return RelPath::check(entry.first, shop_.bookkeeping) != RelPath::Flaw::none;
  });
  flood_ = judge();
  if (flood_) {
    result.held = flood_->deletes;
    // What a copy still to be fetched names is not known; it may well be most of the tree.
    if (estimate(levels_, shop_.state).whole)
      alarm(*flood_, "the deletes that the upstream lists",
            "Check the upstream; if it is right, run `recentd mirror SOURCE TARGET --accept-deletes`");
  } else {
    alarm_.over();
  }
  for (const auto& candidate : due(flood_.has_value())) {
    if (remove_one(candidate)) ++result.removed;
    shop_.state.deletes.erase(candidate.path.text());
  }
  if (quarantine_) quarantine_->close_generation();
  return result;
}

void Removal::clear_way(const RelPath& path) {
  const std::string prefix = path.text() + "/";
  auto& deletes = shop_.state.deletes;
  const auto first = deletes.lower_bound(prefix);
  if (first == deletes.end() || !first->first.starts_with(prefix)) return;
  flood_ = judge();
  auto it = deletes.lower_bound(prefix);
  while (it != deletes.end() && it->first.starts_with(prefix)) {
    auto below = RelPath::parse(it->first, shop_.bookkeeping);
    if (flood_ && !it->second.accepted) {
      ++it;
      continue;
    }
    if (below) {
      const RelPath gone = *below;
      if (!remove_one({std::move(*below), it->second.interval, false}))
        shop_.target.remove_empty_parents(gone);
    }
    it = deletes.erase(it);
  }
}

RemovalResult Removal::prune() {
  const Extraneous extraneous(shop_, levels_, cache_);
  const auto found = extraneous.summary();
  RemovalResult result;
  const Flood flood{found.count, extraneous.named() + found.count};
  if (!shop_.options.deletes.limit.allows(flood.deletes, flood.tree)) {
    alarm(flood, "the files that --prune would remove",
          "Is TARGET the right directory? If so, run it once with --max-delete none");
    note_extraneous(found);
    result.held = found.count;
    return result;
  }
  extraneous.each(
      [&](RelPath path) {
        if (remove_one({std::move(path), "prune", false})) ++result.removed;
      },
      [&](const std::string& name) {
        if (sys::unlink_file(shop_.target.path() + "/" + name)) ++result.removed;
      });
  if (quarantine_) quarantine_->close_generation();
  return result;
}

void Removal::note_extraneous(const Extraneous::Summary& found) {
  shop_.report.extra = found.count;
  shop_.report.extra_names = found.first;
}

void Removal::report_extraneous() {
  const auto found = Extraneous(shop_, levels_, cache_).summary();
  note_extraneous(found);
  if (found.count == 0) return;
  constexpr std::size_t k_shown = 5;
  std::string names;
  for (std::size_t i = 0; i < found.first.size() && i < k_shown; ++i)
    names += (i == 0 ? "" : ", ") + quoted(found.first[i]);
  if (found.count > k_shown) names += ", ...";
  k_log.warning(
      cat("the target held files that the index does not name; they stay (--prune removes them): ", names),
      {{"files", std::to_string(found.count)}});
}

}  // namespace recentd::mirror
