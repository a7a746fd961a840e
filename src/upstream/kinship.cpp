#include "upstream/kinship.hpp"

#include <algorithm>
#include <utility>

#include "base/path_hash.hpp"
#include "base/text.hpp"

namespace recentd::upstream {
namespace {

// So few names in common are chance, unless that is all there was.
constexpr std::uint64_t k_chance = 3;

std::uint64_t event_hash(const EventRow& row) {
  std::uint64_t hash = path_hash(row.path());
  for (const auto part : {static_cast<std::uint64_t>(row.key.seconds), row.key.fraction})
    hash = (hash ^ part) * 0x9e3779b97f4a7c15ULL;
  return hash;
}

void make_set(std::vector<std::uint64_t>& hashes) {
  std::ranges::sort(hashes);
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

bool share_an_event(const LevelContent& one, const LevelContent& other) {
  OverlapCount count;
  for (const auto& row : one.events.rows) count.add_ours(row);
  for (const auto& row : other.events.rows) count.add_theirs(row);
  return count.has_common_event();
}

std::optional<EpochView> number_of(const std::optional<std::string>& dirtymark) {
  return dirtymark ? EpochView::parse(*dirtymark) : std::nullopt;
}

}  // namespace

Opinion opinion_of(const Encounter& encounter) {
  if (!encounter.mirrored || encounter.same_dirtymark) return Opinion::follow;
  return encounter.is_part && !encounter.was_part ? Opinion::part : Opinion::compare;
}

bool same_tree(const Overlap& overlap) {
  if (overlap.events > 0 || overlap.ours == 0 || overlap.theirs == 0) return true;
  const auto smaller = std::min(overlap.ours, overlap.theirs);
  return overlap.paths * 2 > smaller && overlap.paths >= std::min(k_chance, overlap.ours);
}

void OverlapCount::add_ours(const EventRow& row) {
  our_paths_.push_back(path_hash(row.path()));
  our_events_.push_back(event_hash(row));
}

void OverlapCount::sort_ours() {
  if (std::exchange(sorted_, true)) return;
  make_set(our_paths_);
  make_set(our_events_);
}

void OverlapCount::add_theirs(const EventRow& row) {
  sort_ours();
  their_paths_.push_back(path_hash(row.path()));
  if (std::ranges::binary_search(our_events_, event_hash(row))) ++events_;
}

Overlap OverlapCount::overlap() {
  sort_ours();
  make_set(their_paths_);
  Overlap result{our_paths_.size(), their_paths_.size(), 0, events_};
  for (const auto path : their_paths_)
    if (std::ranges::binary_search(our_paths_, path)) ++result.paths;
  return result;
}

std::optional<std::string> why_no_mirror(const LevelContent& here, const LevelContent& source) {
  const auto own = here.newest(), theirs = source.newest();
  if (own && !theirs) return "it tells of events, and the source's tells of none";
  if (own && *own > *theirs)
    return cat("its newest event, ", own->text, ", is newer than the source's, ", theirs->text);
  const auto &mark = here.meta.dirtymark, &other = source.meta.dirtymark;
  if (mark && other && same_dirtymark(mark, other)) return std::nullopt;
  const auto own_mark = number_of(mark), other_mark = number_of(other);
  if (own_mark && other_mark && *own_mark > *other_mark)
    return cat("it was begun anew later than the source's (dirtymark ", escaped(*mark), " after ",
               escaped(*other), ")");
  if (!share_an_event(here, source))
    return "it has neither an event nor the dirtymark in common with the source's";
  return std::nullopt;
}

}  // namespace recentd::upstream
