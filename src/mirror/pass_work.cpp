// Working off the levels of one look at the index.

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "base/meter.hpp"
#include "mirror/pass.hpp"
#include "mirror/plan/late_turn.hpp"
#include "mirror/plan/tree_count.hpp"

namespace recentd::mirror {
namespace {

// Whether an event of a missing path that is due may be in a level. It is in the smallest that reaches so far
// back, and in larger ones.
bool has_due(const upstream::LevelStatus& level, const state::PathsOfEvents& paths) {
  const auto& facts = level.facts;
  return facts && facts->oldest && std::ranges::any_of(paths, [&](const auto& due) {
           return due.second >= *facts->oldest && due.second <= *facts->newest;
         });
}

// Whether nothing but what was set aside is left to be brought, seen from the level that was read last.
bool is_through(const LevelScan& last, std::size_t place, upstream::Chain& chain) {
  if (!last.at_end()) return false;
  for (++place; place < chain.levels().size(); ++place)
    if (chain.levels()[place].facts && chain.is_trusted(place) && !chain.is_complete(place)) return false;
  return true;
}

constexpr std::string_view k_transferring = "transferring";

// Events of these levels that are not worked off, for whoever looks how far it is.
std::uint64_t open_events(const upstream::Chain& chain, const state::MirrorState& state, std::size_t count) {
  std::uint64_t open = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& level = chain.levels()[i];
    if (!level.facts) continue;
    const auto known =
        std::ranges::find(state.levels, level.interval.spec(), &state::LevelProgress::interval);
    const bool begun = known != state.levels.end() && !known->done.empty();
    open +=
        begun ? count_open(*chain.cache().open(level.name, *level.facts), known->done) : level.facts->events;
  }
  return open;
}

}  // namespace

// The levels from the principal to the largest that is not complete have to be read, and those that tell of
// missing paths that are due.
std::size_t Pass::open_until() {
  const auto& levels = chain_.levels();
  std::size_t end = 0;
  std::size_t sought = progress_.due().size();
  for (std::size_t i = 0; i < levels.size(); ++i) {
    if (shows_nothing() || !chain_.is_complete(i)) end = i + 1;
    if (sought == 0 || !has_due(levels[i], progress_.due())) continue;
    end = i + 1;
    sought = static_cast<std::size_t>(std::ranges::count_if(
        progress_.due(), [&](const auto& due) { return due.second < *levels[i].facts->oldest; }));
  }
  return end;
}

struct Pass::Work {
  struct Level {
    std::size_t place;  // in the chain
    std::unique_ptr<codec::EventReader> reader;
    std::optional<ScanRules> rules = {};
    std::optional<LevelScan> scan = {};
  };
  std::size_t count = 0;                              // of levels that have to be read
  SeenPaths seen;                                     // whose texts are the readers'
  std::set<std::string, std::less<>> set_aside = {};  // paths of files that name others
  std::deque<Level> levels = {};

  [[nodiscard]] const Level* last_scanned() const {
    const auto found =
        std::find_if(levels.rbegin(), levels.rend(), [](const auto& each) { return each.scan; });
    return found == levels.rend() ? nullptr : &*found;
  }
};

WorkEnd Pass::work_off() {
  constexpr int k_rounds_max = 2;
  auto end = WorkEnd::finished;
  // What an older event tells of a file that came last is settled with another look.
  for (int round = 0; round < k_rounds_max; ++round) {
    look_at_missing();
    Work work;
    work.count = open_until();
    if (meter().watched()) {
      if (meter().look().phase != k_transferring) meter().begin(k_transferring);
      meter().expect(meter().look().done + open_events(chain_, progress_.state(), work.count));
    }
    end = work_off_levels(work);
    const bool goes_on = end == WorkEnd::finished || end == WorkEnd::principal_due;
    const auto* const last = work.last_scanned();
    const bool is_turn = goes_on && !work.set_aside.empty() && is_through(*last->scan, last->place, chain_);
    const auto late = is_turn ? bring_late(work) : std::nullopt;
    if (late && *late != WorkEnd::finished) end = *late;
    if (end != WorkEnd::finished || !late) return end;
  }
  return end;
}

WorkEnd Pass::work_off_levels(Work& work) {
  auto& levels = chain_.levels();
  work.seen.expect(most_events(std::span(levels).first(work.count)));
  using Read = state::Progress::Read;
  auto read = work.count == levels.size() ? Read::all : Read::some;
  for (std::size_t i = 0; i < work.count; ++i) {
    if (!levels[i].facts && levels[i].absent) continue;
    if (!levels[i].facts || !chain_.is_trusted(i)) {
      read = Read::some;
      break;
    }
    chain_.prepare_done(i);
    work.levels.push_back({i, cache_.open(levels[i].name, *levels[i].facts)});
    auto end = WorkEnd::finished;
    if (chain_.is_complete(i) && !shows_nothing() && !has_due(levels[i], progress_.due()))
      note_paths(*work.levels.back().reader, work.seen);
    else
      end = work_off_level(work, i);
    if (end == WorkEnd::broken || end == WorkEnd::stopped) return end;
    if (!shows_nothing()) chain_.inherit_done(i);
    show_complete_levels();
    if (end == WorkEnd::principal_due) return end;
  }
  progress_.end_of_look(now_s(), read);
  show_complete_levels();
  return WorkEnd::finished;
}

WorkEnd Pass::work_off_level(Work& work, std::size_t i) {
  const auto& level = chain_.levels()[i];
  auto& done = progress_.level(level.interval.spec()).done;
  if (done.ranges().size() > 1) {
    join_neighbours(*cache_.open(level.name, *level.facts), done);
    progress_.note_changed();
  }
  const auto bound = upstream::vouched_for(chain_.levels(), i);
  const auto known = progress_.state().newest;
  const auto& select = options_.select;
  const auto view = [](const std::optional<Epoch>& epoch) {
    return epoch ? std::optional(epoch->view()) : std::nullopt;
  };
  auto& own = work.levels.back();
  own.rules.emplace(ScanRules{.bookkeeping = chain_.bookkeeping(),
                              .done = done,
                              .pending = progress_.pending(),
                              .skip_deletes = options_.deletes.skip,
                              .hold_above = view(bound),
                              .after = view(select.after),
                              .before = view(select.before),
                              .max_events = select.max_events,
                              .resting = &progress_.resting(),
                              .missing = &progress_.state().missing,
                              .due = &progress_.due(),
                              .filter = select.filter.empty() ? nullptr : &select.filter,
                              .known_newest = view(known),
                              .late = &options_.files.late,
                              .set_aside = &work.set_aside});
  own.scan.emplace(*own.reader, *own.rules, work.seen);
  return pipeline_.run(level.interval.spec(), *own.scan);
}

// Oldest first, so that each list comes after the ones that it names. Nothing if it is no file's turn.
std::optional<WorkEnd> Pass::bring_late(Work& work) {
  std::optional<WorkEnd> end;
  for (auto level = work.levels.rbegin(); level != work.levels.rend(); ++level) {
    if (!level->scan) continue;
    auto late = in_turn(level->scan->take_late(), oldest_open(progress_.state().missing));
    if (late.empty()) continue;
    end =
        pipeline_.run_together(chain_.levels()[level->place].interval.spec(), *level->scan, std::move(late));
    if (end == WorkEnd::broken || end == WorkEnd::stopped) return end;
    if (!shows_nothing()) chain_.inherit_done(level->place);
  }
  show_complete_levels();
  return end;
}

}  // namespace recentd::mirror
