#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <recentd/epoch.hpp>
#include <recentd/path.hpp>

#include "support/oracle/oracle.hpp"
#include "support/oracle/tags.hpp"

namespace recentd::test::oracle {

namespace {

bool has_word(const std::string& type) {
  return type.find("new") != std::string::npos || type.find("delete") != std::string::npos;
}

bool is_type(const std::optional<std::string>& type) {
  return type && (*type == "new" || *type == "delete");
}

std::size_t undated(const std::vector<Item>& items) {
  return static_cast<std::size_t>(
      std::count_if(items.begin(), items.end(), [](const Item& item) { return !item.epoch; }));
}

// All digits of a double, as the reference keeps the clock within a batch.
std::string all_digits(double value) {
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, "%.60f", value);
  return buffer;
}

}  // namespace

// What an item's path becomes; nothing if it is outside.
std::optional<std::string> Registering::relative(const std::string& path) {
  std::optional<std::string> theirs, mine;
  std::string cut = reference_normalize(path);
  if (cut.compare(0, play_.root.size(), play_.root) == 0) {
    cut.erase(0, play_.root.size());
    if (!cut.empty() && cut[0] == '/') cut.erase(0, 1);
    theirs = cut;
  }
  // A relative path counts from the root.
  const bool absolute = !path.empty() && path[0] == '/';
  const std::string full = absolute ? path : play_.root + "/" + path;
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= full.size();) {
    const std::size_t end = std::min(full.find('/', at), full.size());
    const std::string part = full.substr(at, end - at);
    if (part == ".." && !parts.empty()) parts.pop_back();
    if (!part.empty() && part != "." && part != "..") parts.push_back(part);
    at = end + 1;
  }
  std::string whole;
  for (const std::string& part : parts) whole += "/" + part;
  if (whole.compare(0, play_.root.size() + 1, play_.root + "/") == 0)
    mine = whole.substr(play_.root.size() + 1);
  const auto is_too_long = [](const std::string& part) { return part.size() > 255; };
  if (mine && std::any_of(parts.begin(), parts.end(), is_too_long)) {
    if (theirs) play_.rule(tag::k_path_that_no_mirror_can_make);
    mine.reset();
  } else if (mine && Bookkeeping(play_.config.filenameroot).owns(*mine)) {
    if (theirs) play_.rule(tag::k_bookkeeping_is_never_an_event);
    mine.reset();
  } else if (theirs != mine) {
    const bool sibling = path.compare(0, play_.root.size(), play_.root) == 0 &&
                         path.size() > play_.root.size() && path[play_.root.size()] != '/';
    play_.rule(theirs == "" ? tag::k_paths_lie_strictly_below_the_root
               : !absolute  ? tag::k_relative_path_counts_from_the_root
               : sibling    ? tag::k_sibling_is_outside
                            : tag::k_paths_are_normalised_fully);
  }
  return play_.ours() ? mine : theirs;
}

void Registering::check_update(const Item& item) {
  if (!item.type || !item.path) throw Died{"update without path or type"};
  if (!is_type(item.type)) {
    if (!has_word(*item.type)) throw Died{"illegal type"};
    play_.rule(tag::k_type_is_new_or_delete);
    if (play_.ours()) throw Died{"illegal type"};
  }
  if (item.epoch && !is_plain_decimal(*item.epoch)) {
    play_.rule(tag::k_epoch_is_a_plain_decimal);
    if (play_.ours()) throw Died{"the epoch is no plain decimal"};
  }
}

// What a batch takes: the reference checks nothing, ours refuses the whole batch.
std::vector<Item> Registering::accepted(std::vector<Item> items) {
  for (const Item& item : items) {
    if (!is_type(item.type) || !item.path) {
      play_.rule(tag::k_type_is_new_or_delete);
      if (play_.ours()) throw Died{"an item without path or type"};
    }
    if (item.epoch && !is_plain_decimal(*item.epoch)) {
      play_.rule(tag::k_epoch_is_a_plain_decimal);
      if (play_.ours()) throw Died{"the epoch is no plain decimal"};
    }
  }
  return items;
}

// Of the items of one path the last undated one stays, else the one with the highest epoch.
std::vector<Item> Registering::one_per_path(std::vector<Item> items) {
  std::map<std::string, std::size_t> best;
  bool dated_twice = false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].path) continue;
    const auto [found, fresh] = best.emplace(*relative(*items[i].path), i);
    if (fresh) continue;
    const Item& old = items[found->second];
    dated_twice = dated_twice || old.epoch || items[i].epoch;
    if (!items[i].epoch || (old.epoch && compare(*items[i].epoch, *old.epoch) >= 0)) found->second = i;
  }
  if (dated_twice) play_.rule(tag::k_newest_item_of_a_batch_wins);
  if (!play_.ours()) return items;
  std::vector<Item> out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].path || best[*relative(*items[i].path)] == i) out.push_back(items[i]);
  }
  return out;
}

// Now, or just above the newest event if that is not older. Ours goes above all that the level held before
// the call, also where that is registered anew.
std::string Registering::monotone(const Level& level, bool& raised) {
  const std::vector<Event>& events = level.file.recent;
  std::optional<std::string> newest;
  if (!events.empty()) newest = events.front().epoch;
  if (old_newest_ && (!newest || compare(*newest, *old_newest_) < 0)) {
    if (compare(play_.now, *old_newest_) <= 0) play_.rule(tag::k_fresh_epoch_is_above_all_old_ones);
    if (play_.ours()) newest = old_newest_;
  }
  raised = newest && compare(play_.now, *newest) <= 0;
  if (!raised) return play_.now;
  play_.rule(tag::k_fresh_epochs_go_by_ticks);
  const auto above = EpochView::parse(*newest);
  if (!play_.ours() || !above) return reference_increase(*newest, {});
  const auto now_ns = std::chrono::nanoseconds(std::llround((play_.clock - std::floor(play_.clock)) * 1e9));
  const TimePoint now{std::chrono::seconds(static_cast<std::int64_t>(std::floor(play_.clock))) + now_ns};
  return FreshEpochs(now, above).next().text();
}

void Registering::mark_dirty(Level& level, const std::string& epoch) {
  Meta& meta = level.file.meta;
  dirty_ = true;
  meta.dirtymark = compare(epoch, play_.now) > 0 ? epoch : play_.now;
  if (!meta.merged || !meta.merged->epoch || compare(epoch, meta.merged->epoch->text()) < 0)
    meta.merged = Merged{};
}

// The first place whose event is not newer, by value.
std::size_t Registering::place_for(const std::vector<Event>& events, const std::string& epoch) {
  std::size_t at = 0;
  while (at < events.size() && compare(epoch, events[at].epoch) < 0) ++at;
  return at;
}

// As the reference looks for it, which changes spellings on the way; nothing if it dies of that.
std::optional<std::size_t> Registering::reference_place(std::vector<Event>& events, std::string& epoch) {
  if (events.empty() || reference_compare(epoch, events.front().epoch) > 0) return 0;
  if (reference_compare(epoch, events.back().epoch) < 0) return events.size();
  if (last_place_ && *last_place_ >= events.size()) {
    play_.rule(tag::k_old_equal_epochs_do_not_end_a_batch);
    return std::nullopt;
  }
  for (std::size_t at = 0; at < events.size(); ++at) {
    if (reference_compare(epoch, events[at].epoch) >= 0) return at;
  }
  return events.size();
}

// Finds the place of a dated event, raising it if its epoch is taken. False if the reference would die.
bool Registering::place_dated(Level& level, Event event) {
  std::vector<Event>& events = level.file.recent;
  std::optional<std::size_t> place = place_for(events, event.epoch);
  if (!play_.ours()) place = reference_place(events, event.epoch);
  if (!place) return false;
  const std::size_t at = *place;
  if (at < events.size() && compare(event.epoch, events[at].epoch) == 0) {
    if (event.epoch != events[at].epoch) play_.rule(tag::k_two_spellings_are_one_epoch);
    if (!event.raised) event.asked = event.epoch;
    event.raised = true;
    std::optional<std::string> above;
    if (at > 0) above = events[at - 1].epoch;
    event.epoch = reference_increase(event.epoch, above);
  }
  events.insert(events.begin() + static_cast<std::ptrdiff_t>(at), event);
  last_place_ = at;
  mark_dirty(level, events[at].epoch);
  return true;
}

// True if a dated item says what the level says already.
bool Registering::says_nothing(const Level& level, const Item& item) {
  const std::string path = *relative(*item.path);
  const Event* known = nullptr;
  for (const Event& event : level.file.recent) {
    if (event.path != path) continue;
    if (known != nullptr) return false;
    known = &event;
  }
  return item.epoch && known != nullptr && compare(known->epoch, *item.epoch) == 0 &&
         known->type == item.type;
}

// Ours takes all old events of a batch's paths away first, so that their epochs are free for its items.
void Registering::make_room(Level& level, std::vector<Item>& items) {
  std::vector<Item> useful;
  std::set<std::string> paths, idle;
  for (const Item& item : items) {
    const bool nothing = says_nothing(level, item);
    if (nothing) play_.rule(tag::k_same_registration_changes_nothing);
    if (!nothing) useful.push_back(item);
    (nothing ? idle : paths).insert(*relative(*item.path));
  }
  for (const Item& item : items) {
    for (const Event& event : level.file.recent) {
      const bool other = event.path != *relative(*item.path) && paths.count(event.path) > 0;
      if (other && item.epoch && compare(event.epoch, *item.epoch) == 0)
        play_.rule(tag::k_newest_item_of_a_batch_wins);
    }
  }
  if (!play_.ours()) return;
  std::vector<Event>& events = level.file.recent;
  events.erase(
      std::remove_if(events.begin(), events.end(), [&](const Event& e) { return paths.count(e.path) > 0; }),
      events.end());
  items = useful;
}

// What a raised event of this call asked for: now, or to be above what was there.
std::string Registering::asked_by_clock() const {
  return old_newest_ && compare(play_.now, *old_newest_) <= 0 ? *old_newest_ : play_.now;
}

void Registering::insert_dated(Level& level, const Item& item, std::string epoch, bool raised) {
  std::vector<Event>& events = level.file.recent;
  const std::string path = *relative(*item.path), type = item.type.value_or("");
  std::size_t known = 0;
  bool same_text = false, same_event = false, same_value = false;
  for (const Event& event : events) {
    if (event.path != path) continue;
    ++known;
    same_text = same_text || event.epoch == epoch;
    same_value = same_value || compare(event.epoch, epoch) == 0;
    same_event = same_event || (compare(event.epoch, epoch) == 0 && event.type == type);
  }
  if (same_text || (same_event && known == 1)) play_.rule(tag::k_same_registration_changes_nothing);
  if (same_value && !same_text) play_.rule(tag::k_two_spellings_are_one_epoch);
  if (play_.ours() || !same_text) {
    events.erase(std::remove_if(events.begin(), events.end(), [&](const Event& e) { return e.path == path; }),
                 events.end());
  }
  if (!place_dated(level, {epoch, path, type, {}, raised, raised ? asked_by_clock() : std::string()})) {
    throw Died{"comparison with nothing"};
  }
}

std::optional<std::string> Registering::bound_for(const Level& level, const std::string& epoch) {
  const std::optional<Merged>& merged = level.file.meta.merged;
  const std::int64_t seconds = *seconds_of(level.interval);
  const std::string newest = compare(play_.now, epoch) > 0 ? play_.now : epoch;
  std::string start = play_.before(newest, seconds);
  for (const std::string& other : {merged->epoch->text(), epoch}) {
    if (compare(other, start) < 0) start = other;
  }
  return start;
}

// A dirty change moves the dirtymark, also when the clock stands still.
void Registering::raise_mark(Level& level, const std::optional<std::string>& old_mark) {
  Meta& meta = level.file.meta;
  if (!dirty_ || !old_mark || compare(*meta.dirtymark, *old_mark) != 0) return;
  play_.rule(tag::k_new_dirtymark_always_differs);
  if (play_.ours()) level.file.mark_raised = true;
}

void Registering::update_level(Level& level, std::vector<Item> items) {
  const bool was_empty = level.file.recent.empty();
  const std::optional<std::string> old_mark = level.file.meta.dirtymark;
  dirty_ = false;
  old_newest_.reset();
  if (!was_empty) old_newest_ = level.file.recent.front().epoch;
  std::vector<Item> inside;
  bool outside = false;
  for (const Item& item : items) {
    if (item.path && !relative(*item.path)) {
      outside = true;
    } else if (item.path) {
      inside.push_back(item);
    }
  }
  inside = one_per_path(std::move(inside));
  std::stable_sort(inside.begin(), inside.end(), [](const Item& a, const Item& b) {
    return compare(a.epoch.value_or("0"), b.epoch.value_or("0")) > 0;
  });
  // Within a batch the reference keeps the first clock reading as a double. If its text is rounded up by more
  // than the step to the next double, the second event comes to lie below the first.
  const bool on_top = was_empty || compare(play_.now, level.file.recent.front().epoch) > 0;
  if (undated(inside) > 1 && on_top &&
      compare(all_digits(std::nextafter(play_.clock, HUGE_VAL)), play_.now) <= 0) {
    play_.rule(tag::k_burst_keeps_order);
    if (!play_.ours()) throw Died{"disorder"};
  }

  std::optional<std::string> bound;
  const auto bound_after = [&](const std::string& epoch) {
    const std::optional<Merged>& merged = level.file.meta.merged;
    if (!dirty_ && merged && merged->epoch) bound = bound_for(level, epoch);
  };
  bool raised = false;
  const bool any = !inside.empty();
  make_room(level, inside);
  const bool bare = (items.size() == 1 && !items.front().path) || (play_.ours() && any && inside.empty());
  if (bare || outside) bound_after(monotone(level, raised));
  for (const Item& item : inside) {
    const bool past = item.epoch && compare(*item.epoch, play_.now) < 0;
    std::string epoch = monotone(level, raised);
    if (item.epoch) {
      if (past) epoch = *item.epoch;
      std::string clock = play_.now;
      if (past && !play_.ours()) reference_compare(epoch, clock);
      insert_dated(level, item, epoch, raised && !past);
      continue;
    }
    bound_after(epoch);
    const std::string path = *relative(*item.path);
    std::vector<Event>& events = level.file.recent;
    const std::string asked = raised ? asked_by_clock() : std::string();
    events.erase(std::remove_if(events.begin(), events.end(), [&](const Event& e) { return e.path == path; }),
                 events.end());
    events.insert(events.begin(), {epoch, path, item.type.value_or(""), {}, raised, asked});
  }
  const bool something = !inside.empty() || was_empty;
  const std::size_t cut = dirty_ ? 0 : play_.truncate(level, bound);
  raise_mark(level, old_mark);
  if (something || cut > 0) play_.write(level, true);
}

}  // namespace recentd::test::oracle
