#include "mirror/follow/kinship.hpp"

#include <string_view>
#include <unordered_set>

#include "base/text.hpp"

namespace recentd::mirror {
namespace {

std::string name_of(const EventRow& row) {
  return cat(row.epoch().text, "\n", row.path());
}

bool share_an_event(const LevelContent& one, const LevelContent& other) {
  std::unordered_set<std::string> known;
  for (const auto& row : one.events.rows) known.insert(name_of(row));
  for (const auto& row : other.events.rows)
    if (known.contains(name_of(row))) return true;
  return false;
}

std::optional<EpochView> number_of(const std::optional<std::string>& dirtymark) {
  return dirtymark ? EpochView::parse(*dirtymark) : std::nullopt;
}

}  // namespace

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

}  // namespace recentd::mirror
