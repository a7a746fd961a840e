#include "upstream/acceptance.hpp"

#include <recentd/error.hpp>
#include <recentd/interval.hpp>

#include "model/meta.hpp"
#include "sys/tree/remove_tree.hpp"
#include "upstream/chain_rules.hpp"
#include "upstream/kinship.hpp"
#include "upstream/problem_error.hpp"
#include "upstream/source.hpp"

namespace recentd::upstream {
namespace {

constexpr auto k_levels_limit = std::chrono::hours(1);

constexpr const char* k_part =
    "it is a partial mirror, and another source may have the whole tree; it only gives content";
constexpr const char* k_became_part =
    "it is a partial mirror, and what it leaves out would be deleted here, where the whole tree was "
    "mirrored; if "
    "that is meant, run `recentd mirror SOURCE TARGET --accept-source` once";
constexpr const char* k_stranger =
    "it shows another tree, which has no event and few paths in common with what was mirrored; nothing was "
    "changed. Check the address; if it is meant, run `recentd mirror SOURCE TARGET --accept-source` once";

// Gone when it is left.
class Scratch {
 public:
  explicit Scratch(const IndexCache& cache)
      : path_(cache.directory() + "/stranger"), copies(cache.beside("stranger")) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { sys::discard_tree(path_); }

 private:
  std::string path_;

 public:
  IndexCache copies;
};

}  // namespace

IndexCache::Bounds Acceptance::bounds(const Epoch& latest) {
  const auto& state = progress_.state();
  IndexCache::Bounds bounds;
  bounds.floor = state.seen;
  bounds.ceiling = ceiling_;
  bounds.objection = [this](const LevelFacts& facts, const std::string& path) {
    return objection_to(facts, path);
  };
  bounds.begun_anew = [known = History{state.seen, state.dirtymark}, latest](const LevelFacts& facts) {
    return is_begun_anew(facts, known, latest);
  };
  return bounds;
}

void Acceptance::taken(const LevelFacts& facts) {
  part_ = facts.part_of.has_value();
  kin_.reset();
  stranger_.reset();
}

bool Acceptance::follows_part() {
  if (part_) return *part_;
  const auto& principal = progress_.state().principal;
  const auto facts = principal.empty() ? std::nullopt : cache_.facts(principal);
  part_ = facts && facts->part_of;
  return *part_;
}

std::optional<std::string> Acceptance::objection_to(const LevelFacts& facts, const std::string& path) {
  if (whole_only_ && facts.part_of && !follows_part()) return k_part;
  const auto& known = progress_.state().dirtymark;
  const bool same = !facts.dirtymark || same_dirtymark(known, facts.dirtymark);
  switch (opinion_of({known.has_value(), same, follows_part(), facts.part_of.has_value()})) {
    case Opinion::follow:
      return std::nullopt;
    case Opinion::part:
      return k_became_part;
    case Opinion::compare:
      break;
  }
  if (facts.dirtymark == kin_) return std::nullopt;
  const bool kin = facts.dirtymark != stranger_ && is_of_this_tree(facts, path);
  (kin ? kin_ : stranger_) = facts.dirtymark;
  (kin ? stranger_ : kin_).reset();
  return kin ? std::nullopt : std::optional<std::string>(k_stranger);
}

// The principal's name is the file's, or, where it stands in the link's place, what it says itself.
std::vector<std::string> Acceptance::larger_levels(const LevelFacts& facts, const std::string& path) const {
  const auto file = path.substr(path.rfind('/') + 1);
  const auto name = split_level_name(
      is_link_name(file) ? LevelName{facts.filenameroot, facts.interval, facts.suffix}.file() : file);
  const auto interval = name ? Interval::parse(name->interval) : std::nullopt;
  std::vector<std::string> names;
  if (!interval || name->file().find('/') != std::string::npos) return names;
  for (const auto& level : level_order(*interval, facts.aggregator.value_or(std::vector<std::string>{})))
    names.push_back(LevelName{name->filenameroot, level.spec(), name->suffix}.file());
  names.erase(names.begin());
  return names;
}

// From small to large, as far as it takes to find one event that both have.
bool Acceptance::is_of_this_tree(const LevelFacts& facts, const std::string& path) {
  const auto ours = split_level_name(progress_.state().principal);
  OverlapCount count;
  if (ours) cache_.each_known_event(ours->filenameroot, [&](const EventRow& row) { count.add_ours(row); });
  const auto compare = [&](const std::string& file) {
    IndexCache::each_event(file, [&](const EventRow& row) { count.add_theirs(row); });
    return count.has_common_event();
  };
  if (compare(path)) return true;
  Scratch scratch(cache_);
  scratch.copies.set_time_limit(k_levels_limit);
  for (const auto& name : larger_levels(facts, path)) {
    auto fetched = scratch.copies.fetch({name}, transport_);
    if (fetched.problem) throw to_error(*fetched.problem, transport_.describe());
    const auto what = fetched.items[name].what;
    const bool arrived = what == IndexCache::Fetched::changed || what == IndexCache::Fetched::same;
    if (arrived && compare(scratch.copies.path(name))) return true;
  }
  return same_tree(count.overlap());
}

}  // namespace recentd::upstream
