#include "mirror/deletes/removal.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "mirror/plan/tree_count.hpp"
#include "sys/failure.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

constexpr unsigned k_removed_unlooked_max = 100;

}  // namespace

Removal::Removal(const MirrorOptions& options, const sys::Dir& target, const upstream::Chain& chain,
                 state::Progress& progress, DeleteGuard& guard, const target::Generations& generations,
                 target::DemandSame demand_same, HookPoints& hooks, Observer& observer, Clock& clock,
                 MirrorReport& report)
    : options_(options),
      target_(target),
      chain_(chain),
      progress_(progress),
      guard_(guard),
      generations_(generations),
      demand_same_(std::move(demand_same)),
      hooks_(hooks),
      observer_(observer),
      clock_(clock),
      report_(report),
      inner_(target) {
  open_quarantine();
}

void Removal::open_quarantine() {
  const auto& wanted = options_.deletes.quarantine;
  if (wanted.empty()) return refuse_to_lose_quarantine();
  quarantine_.emplace(wanted, target_, clock_, target::Quarantine::Open::make);
  target::note_quarantine(target_.path(), quarantine_->path());
}

// Whoever accepts deletes from a command line easily forgets what else the mirror is run with.
void Removal::refuse_to_lose_quarantine() const {
  if (!options_.deletes.accept) return;
  const auto noted = target::noted_quarantine(target_.path());
  if (!noted) return;
  throw Error(Kind::refused,
              cat("the deletes of this mirror went to the quarantine ", quoted(*noted),
                  " until now; add --quarantine ", escaped(*noted),
                  ", or --max-delete none instead of --accept-deletes to remove the files for good"),
              target_.path());
}

bool Removal::is_visible(const std::string& interval) const {
  for (const auto& level : chain_.levels())
    if (level.interval.spec() == interval) return level.published;
  return true;  // no longer in the chain: nothing will show it any more
}

std::vector<Removal::Candidate> Removal::due(bool held) const {
  std::vector<Candidate> found;
  for (const auto& [text, pending] : progress_.state().deletes) {
    if ((held && !pending.accepted) || !is_visible(pending.interval)) continue;
    if (!progress_.is_delete_due(pending, clock_.now())) continue;
    auto path = RelPath::parse(text, chain_.bookkeeping());
    if (!path) continue;
    const auto local = sys::or_nothing([&] { return target_.lstat(*path); });
    // Behind a link of the operator's it may be here, and waits until that is known.
    if (!local && sys::or_nothing([&] { return target_.link_in_the_way(path->parent()); })) continue;
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
  if (!quarantine_) return target_.unlink(path);
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
  if (quarantine_) quarantine_->sweep(options_.deletes.quarantine_keep);
}

void Removal::demand_same() {
  if (demand_same_) demand_same_();
  removed_unlooked_ = 0;
  inner_.forget();
}

// A round may be of millions.
void Removal::demand_same_now_and_then() {
  if (++removed_unlooked_ > k_removed_unlooked_max) demand_same();
}

bool Removal::remove_one(const Candidate& candidate) {
  demand_same_now_and_then();
  if (inner_.cover(candidate.path.text()) || !options_.deletes.risk.wants(candidate.path.text()))
    return false;
  generations_.about_to_change(candidate.path.text());
  const auto removal = candidate.directory ? target_.rmdir(candidate.path) : unlink(candidate.path);
  if (removal != sys::Dir::Removal::removed) return false;
  ++report_.deleted;
  observer_.file_deleted(candidate.interval, candidate.path.text());
  hooks_.removed(candidate.path.text());
  sys::or_nothing([&] { return target_.remove_empty_parents(candidate.path); });
  return true;
}

// It stays queued, and stops no other.
void Removal::note_failed(const Candidate& candidate, const Error& error) {
  if (!sys::concerns_path_alone(error)) throw Error(error);
  const auto& path = candidate.path.text();
  if (!progress_.fail_delete(path, error.what(), clock_.now())) return;
  constexpr const char* k_what = "what was deleted upstream cannot be removed here; it is tried again";
  if (first_few_.note(k_what)) k_log.warning(k_what, {{"path", path}, {"reason", error.what()}});
}

// Whatever they were, they are no paths of content.
void Removal::drop_unusable() {
  std::vector<std::string> unusable;
  for (const auto& [path, pending] : progress_.state().deletes)
    if (RelPath::check(path, chain_.bookkeeping()) != RelPath::Flaw::none) unusable.push_back(path);
  for (const auto& path : unusable) progress_.drop_delete(path);
}

RemovalResult Removal::perform() {
  RemovalResult result;
  drop_unusable();
  const auto& flood = guard_.judge();
  if (flood) {
    result.held = *flood;
    // What a copy still to be fetched names is not known; it may well be most of the tree.
    if (estimate(chain_.levels(), progress_.state()).whole)
      guard_.alarm(*flood, "the upstream lists deletes of",
                   "Check the upstream; if it is right, run `recentd mirror SOURCE TARGET --accept-deletes`");
  } else {
    guard_.all_is_well();
  }
  const auto candidates = due(flood.has_value());
  demand_same();
  for (const auto& candidate : candidates) {
    try {
      if (remove_one(candidate)) ++result.removed;
      progress_.drop_delete(candidate.path.text());
    } catch (const Error& error) {
      note_failed(candidate, error);
    }
  }
  first_few_.end(
      [](std::string_view what, std::uint64_t more) { k_log.warning(cat(what, ", and ", more, " more")); });
  if (quarantine_) quarantine_->close_generation();
  return result;
}

void Removal::clear_way(const RelPath& path, bool strays) {
  clear_queued(path);
  if (strays) clear_strays(path);
}

bool Removal::list_below(const std::string& directory, Below& found) const {
  const auto entries = sys::or_nothing([&] { return target_.list(directory); });
  if (!entries || target::is_another_tree(directory, *entries, [](const std::string&) { return false; }))
    return false;
  for (const auto& entry : *entries) {
    const auto name = directory + "/" + entry.name;
    auto path = RelPath::parse(name, chain_.bookkeeping());
    if (!path) return false;
    if (!options_.deletes.risk.wants(name)) return false;
    const bool is_directory = entry.type == sys::FileType::directory;
    (is_directory ? found.directories : found.files).push_back(std::move(*path));
    if (is_directory && !list_below(name, found)) return false;
  }
  return true;
}

void Removal::clear_strays(const RelPath& path) {
  Below below;
  if (!list_below(path.text(), below)) return;
  const Flood flood{below.files.size(), guard_.present_min() + below.files.size()};
  if (!guard_.allows(flood)) {
    return guard_.alarm(flood, "in the way of a file that is due are",
                        "Look at it here; if it may go, run once with --max-delete none");
  }
  if (!below.files.empty())
    k_log.warning("what is in the way of a file that is due is removed",
                  {{"path", path.text()}, {"files", std::to_string(below.files.size())}});
  demand_same();
  try {
    for (const auto& file : below.files) remove_one({file, "stray", false});
    for (auto directory = below.directories.rbegin(); directory != below.directories.rend(); ++directory) {
      generations_.about_to_change(directory->text());
      target_.rmdir(*directory);
    }
  } catch (const Error& error) {
    if (!sys::concerns_path_alone(error)) throw;  // else it stays in the way, which is told
  }
  if (quarantine_) quarantine_->close_generation();
}

void Removal::clear_queued(const RelPath& path) {
  const std::string prefix = path.text() + "/";
  const auto& queue = progress_.state().deletes;
  const auto is_below = [&](auto it) { return it != queue.end() && it->first.starts_with(prefix); };
  if (!is_below(queue.lower_bound(prefix))) return;
  const bool held = guard_.judge().has_value();
  demand_same();
  for (auto it = queue.lower_bound(prefix); is_below(it);) {
    const auto& [text, pending] = *it++;
    if (held && !pending.accepted) continue;
    const auto below = RelPath::parse(text, chain_.bookkeeping());
    if (!below) continue;
    const Candidate candidate{*below, pending.interval, false};
    try {
      if (!remove_one(candidate)) {
        generations_.about_to_change(below->text());
        target_.remove_empty_parents(*below);
      }
      progress_.drop_delete(candidate.path.text());
    } catch (const Error& error) {
      note_failed(candidate, error);
    }
  }
}

// The next prune finds it again.
bool Removal::prune_one(const Candidate& candidate) {
  try {
    return remove_one(candidate);
  } catch (const Error& error) {
    if (!sys::concerns_path_alone(error)) throw;
    constexpr const char* k_what = "what no index names cannot be removed here";
    if (first_few_.note(k_what))
      k_log.warning(k_what, {{"path", candidate.path.text()}, {"reason", error.what()}});
    return false;
  }
}

RemovalResult Removal::prune() {
  const auto all = extraneous();
  const auto found = all.summary();
  RemovalResult result;
  demand_same();
  const Flood flood{found.count, found.kept + found.count};
  if (!guard_.allows(flood)) {
    guard_.alarm(flood, "--prune would remove",
                 "Is TARGET the right directory? If so, run it once with --max-delete none");
    note_extraneous(found);
    result.held = flood;
    return result;
  }
  all.each(
      [&](RelPath path) {
        if (prune_one({std::move(path), "prune", false})) ++result.removed;
      },
      [&](const std::string& name) {
        demand_same_now_and_then();
        generations_.about_to_change(name);
        if (sys::unlink_file(target_.path() + "/" + name)) ++result.removed;
      });
  if (quarantine_) quarantine_->close_generation();
  return result;
}

Extraneous Removal::extraneous() const {
  return Extraneous(options_, target_, chain_, progress_.state());
}

void Removal::note_extraneous(const Extraneous::Summary& found) {
  report_.extra = found.count;
  report_.extra_names = found.first;
}

void Removal::report_extraneous() {
  const auto found = extraneous().summary();
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
