#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "base/text.hpp"
#include "tree/filter.hpp"
#include "tree/find.hpp"
#include "tree/tree.hpp"

namespace recentd {

namespace {

std::string_view type_text(const EventList& events, const EventRow& row) {
  if (row.type != EventType::other) return to_string(row.type);
  const EventDetails* details = events.details(row);
  return details != nullptr ? std::string_view(details->other_type) : std::string_view{};
}

}  // namespace

bool wanted(const EventFilter& filter, const EventList& events, const EventRow& row) {
  const EpochView epoch = row.epoch();
  if (filter.after && epoch <= filter.after->view()) return false;
  if (filter.before && epoch >= filter.before->view()) return false;
  if (filter.skip_deletes && row.type == EventType::delete_) return false;
  const EventFilter::Contains& contains = filter.contains;
  if (contains.epoch && epoch != contains.epoch->view()) return false;
  if (contains.path && row.path() != *contains.path) return false;
  return !contains.type || type_text(events, row) == *contains.type;
}

std::vector<Event> recent_events(const std::string& level_file, const EventFilter& filter, EventsInfo* info) {
  const LevelFile file = find_principal(level_file, {});
  const bool by_link = absolute_path(level_file) != file.path();
  const std::optional<LevelContent> level =
      by_link ? read_principal(file, Reader::mirror) : read_level(file, Reader::mirror);
  if (!level) throw Error(Kind::missing, missing_level(file), file.path());
  const EventList& events = level->events;
  if (info != nullptr && !events.rows.empty()) {
    info->first = events.event(events.rows.front());
    info->last = events.event(events.rows.back());
  }
  std::vector<Event> out;
  for (const EventRow& row : events.rows) {
    if (filter.max > 0 && out.size() >= filter.max) break;
    if (wanted(filter, events, row)) out.push_back(events.event(row));
  }
  return out;
}

}  // namespace recentd
