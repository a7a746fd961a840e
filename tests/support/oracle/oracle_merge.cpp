#include <algorithm>

#include <recentd/epoch.hpp>

#include "support/oracle/oracle.hpp"
#include "support/oracle/tags.hpp"

namespace recentd::test::oracle {

namespace {

bool holds(const std::vector<Event>& events, const Event& wanted) {
  return std::any_of(events.begin(), events.end(), [&](const Event& event) {
    return event.path == wanted.path && event.type == wanted.type && compare(event.epoch, wanted.epoch) >= 0;
  });
}

}  // namespace

bool Merging::differing_marks(const Level& source, const Level& target) {
  const auto& s = source.file.meta.dirtymark;
  const auto& t = target.file.meta.dirtymark;
  const bool as_text = s.value_or("0") != t.value_or("0");
  const bool by_value = s.has_value() != t.has_value() || (s && compare(*s, *t) != 0);
  if (as_text != by_value) play_.rule(tag::k_epochs_are_equal_by_value);
  return play_.ours() ? by_value : as_text;
}

// Cuts the target's old end. True if that took something.
bool Merging::merge_truncate(const Level& source, Level& target, bool differ,
                             std::optional<std::string>& bound) {
  const std::vector<Event>& from = source.file.recent;
  const std::optional<Merged>& merged = target.file.meta.merged;
  if (differ || !merged) return false;
  const std::string top = from.empty() ? target.file.recent.front().epoch : from.front().epoch;
  bound = play_.before(top, *seconds_of(target.interval));
  const std::string limit = merged->epoch ? merged->epoch->text() : "0";
  if (compare(limit, *bound) < 0) bound = limit;
  if (!from.empty() && compare(from.back().epoch, *bound) < 0) bound = from.back().epoch;
  return play_.truncate(target, bound) > 0;
}

// Step 3: what goes up; `seen` gets every path that is met.
std::vector<Event> Merging::news_of(const Level& source, const std::optional<std::string>& bound,
                                    bool drop_deletes, std::set<std::string>& seen) {
  std::vector<Event> carried;
  for (const Event& event : source.file.recent) {
    if (bound && compare(event.epoch, *bound) < 0) continue;
    if (!seen.insert(event.path).second) continue;
    if (drop_deletes && event.type == "delete") continue;
    carried.push_back(event);
    if (event.extras.empty()) continue;
    play_.rule(tag::k_unknown_keys_survive);
    if (!play_.ours()) carried.back().extras.clear();
  }
  return carried;
}

// Whether there is something that the target has not: by its top alone (the reference), or by the sets.
bool Merging::worth_it(const std::vector<Event>& carried, const Level& source, const Level& target,
                       bool drop_deletes) {
  const std::vector<Event>& old = target.file.recent;
  bool above = false, missing = false, stale = false;
  for (const Event& event : carried) {
    above = above || old.empty() || compare(event.epoch, old.front().epoch) > 0;
    missing = missing || !holds(old, event);
  }
  std::set<std::string> seen;
  for (const Event& event : source.file.recent) {
    if (!seen.insert(event.path).second || !drop_deletes || event.type != "delete") continue;
    for (const Event& there : old) stale = stale || (there.path == event.path && there.type != "delete");
  }
  if (missing && !above) play_.rule(tag::k_missed_event_is_merged);
  if (stale && !above) play_.rule(tag::k_lone_delete_reaches_z);
  return play_.ours() ? above || missing || stale : above;
}

// Z is never empty: it keeps the newest delete then.
void Merging::keep_one_delete(const Level& source, std::vector<Event>& result) {
  if (!result.empty()) return;
  play_.rule(tag::k_no_larger_level_is_empty);
  if (!play_.ours() || source.file.recent.empty()) return;
  result.push_back(source.file.recent.front());
}

// Step 5: both lists, newest first; the source wins its paths. A delete that Z holds already outlives another
// delete of its path that is on its way out.
std::vector<Event> Merging::interleaved(const std::vector<Event>& carried, const std::vector<Event>& old,
                                        std::set<std::string> seen) {
  std::vector<Event> out;
  std::size_t next = 0;
  for (const Event& event : old) {
    const auto same_path = [&](const Event& other) { return other.path == event.path; };
    const bool repeated = !seen.insert(event.path).second;
    const bool replaced = std::any_of(carried.begin(), carried.end(), same_path);
    const bool doubled = std::any_of(out.begin(), out.end(), same_path);
    if (repeated && event.type == "delete" && !replaced && !doubled) {
      play_.rule(tag::k_kept_deletes_stay_kept);
      if (!play_.ours()) continue;
    } else if (repeated) {
      continue;
    }
    while (next < carried.size() && compare(carried[next].epoch, event.epoch) >= 0)
      out.push_back(carried[next++]);
    out.push_back(event);
  }
  out.insert(out.end(), carried.begin() + static_cast<std::ptrdiff_t>(next), carried.end());
  return out;
}

// Events that enter below what has been merged upward have to be merged again.
void Merging::reset_merged(const std::vector<Event>& carried, Level& target) {
  std::optional<Merged>& merged = target.file.meta.merged;
  if (!merged || !merged->epoch) return;
  for (const Event& event : carried) {
    if (compare(event.epoch, merged->epoch->text()) >= 0 || holds(target.file.recent, event)) continue;
    play_.rule(tag::k_dirty_events_reach_z);
    if (play_.ours()) merged = Merged{};
    return;
  }
}

void Merging::merge_levels(Level source, Level target, bool keep_deletes) {
  const bool into_z = target.interval == "Z";
  const bool drop_deletes = into_z && !keep_deletes;
  const bool nothing = source.file.recent.empty() && target.file.recent.empty();
  if (nothing) play_.rule(tag::k_no_larger_level_is_empty);
  if (nothing && play_.ours()) return;
  const bool differ = differing_marks(source, target);
  std::optional<std::string> bound;
  bool changed = target.file.recent.empty();
  if (!nothing) {
    changed = merge_truncate(source, target, differ, bound) || changed || differ;
  }
  std::set<std::string> seen;
  const std::vector<Event> carried = news_of(source, bound, drop_deletes, seen);
  changed = worth_it(carried, source, target, drop_deletes) || changed;
  if (!changed) return;

  reset_merged(carried, target);
  std::vector<Event> result = interleaved(carried, target.file.recent, seen);
  keep_one_delete(source, result);
  play_.space_ties(result);
  target.file.recent = result;
  if (!source.file.meta.dirtymark) source.file.meta.dirtymark = play_.now;
  target.file.meta.dirtymark = source.file.meta.dirtymark;
  if (!target.exists && !target.file.meta.comment && source.file.meta.comment) {
    play_.rule(tag::k_settings_reach_the_larger_levels);
    if (play_.ours()) target.file.meta.comment = source.file.meta.comment;
  }
  const std::string interval = target.interval;
  const std::string principal = play_.config.interval;
  play_.write(target, false);
  Merged merged;
  if (!target.file.recent.empty()) merged.epoch = Epoch::parse(target.file.recent.front().epoch);
  merged.into_interval = interval;
  merged.time = play_.now;
  source.file.meta.merged = merged;
  play_.write(source, source.interval == principal);
}

}  // namespace recentd::test::oracle
