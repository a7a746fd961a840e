#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <recentd/done.hpp>
#include <recentd/late_patterns.hpp>
#include <recentd/path.hpp>
#include <recentd/path_filter.hpp>

#include "codec/codec.hpp"
#include "mirror/plan/seen_paths.hpp"
#include "model/recorded.hpp"
#include "state/progress.hpp"

namespace recentd::mirror {

// What a mirror has to do about one event.
enum class Action : std::uint8_t {
  transfer,  // ask the upstream for the path
  remove,    // delete the local file, once the level is visible
  settle,    // nothing; it counts as worked off (superseded, hostile, unknown type, skipped delete, known to
             // be missing)
  hold,  // nothing now, and it does not count: outside the wanted window, or newer than the smaller levels
         // know
};

// Why a `settle` deserves a word in the log.
enum class Remark : std::uint8_t { none, hostile_path, unknown_type };

// One event that the level's done set does not cover, or of a missing path that is due, with its neighbours
// in the list.
struct Step {
  EventRow row;
  std::optional<EpochView> newer, older;
  Action action = Action::settle;
  Remark remark = Remark::none;
  const EventList* texts = nullptr;  // where a path to transfer has what the origin recorded of it
  bool changed_for_sure = false;     // newer than all that was known before: size and time may hide a change
  bool is_news = false;              // newer than all that is done: its mode may be another one now

  [[nodiscard]] Recorded recorded() const { return texts ? recorded_of(*texts, row) : Recorded(); }
};

// What the decisions about events depend on. References must outlive the scan.
struct ScanRules {
  const Bookkeeping& bookkeeping;
  const Done& done;  // of this level, under its present dirtymark
  const state::PendingPaths& pending;
  bool skip_deletes = false;
  std::optional<EpochView> hold_above;     // events above this are held
  std::optional<EpochView> after, before;  // the wanted window
  std::size_t max_events = 0;              // 0: all
  // Paths that cannot be had: open ones that rest, known ones, and of these those that are tried again.
  const state::PathsOfEvents* resting = nullptr;
  const state::MissingPaths* missing = nullptr;
  const state::PathsOfEvents* due = nullptr;
  const PathFilter* filter = nullptr;          // paths that it does not want are settled untouched
  std::optional<EpochView> known_newest = {};  // worked off before: what is newer has changed for sure
  // Files that name others are set aside, to come last; with the paths that were, of all levels. Both or
  // none.
  const LatePatterns* late = nullptr;
  std::set<std::string, std::less<>>* set_aside = nullptr;
};

// Reads one level newest first and hands out the events that need work, in batches. Pure: decides from the
// index, the done set and the paths already seen in smaller levels; touches neither disk nor network.
class LevelScan {
 public:
  LevelScan(codec::EventReader& reader, const ScanRules& rules, SeenPaths& seen);

  // The next steps in list order, holding at most max_transfers paths to transfer. Empty at the end.
  // Rows stay valid as long as the reader.
  std::vector<Step> next(std::size_t max_transfers);
  // What was set aside until now, oldest first; the next call does not give it again.
  std::vector<Step> take_late();
  // Whether all events were judged, and given out or set aside.
  [[nodiscard]] bool at_end() const noexcept { return put_back_.empty() && !following_.valid; }
  // These come next once more: the last ones that next() gave out, or what is left of them, in their order.
  void put_back(std::vector<Step> steps);

 private:
  struct Look {
    EventRow row;
    std::uint32_t hash = 0;  // of its path, as SeenPaths takes it
    bool valid = false;
  };
  bool advance();
  void read_ahead();
  [[nodiscard]] std::optional<Step> judge(const Look& look);
  [[nodiscard]] bool outside_window(const EventRow& row);
  [[nodiscard]] bool is_due(const EventRow& row) const;
  [[nodiscard]] Action action_for(const EventRow& row, Action wanted) const;
  [[nodiscard]] bool is_late(const Step& step) const;

  codec::EventReader& reader_;
  const ScanRules& rules_;
  SeenPaths& seen_;
  std::vector<EventRow> buffer_;
  std::vector<std::uint32_t> hashes_;  // parallel to it
  std::size_t at_ = 0, filled_ = 0, count_ = 0;
  Look previous_, current_, following_;
  std::deque<Step> put_back_;
  std::vector<Step> late_;
};

// Joins the done ranges of neighbouring events that are both worked off. What lay between them when they were
// may have left the index since, because its path has a newer event; nothing would ever close that gap.
void join_neighbours(codec::EventReader& reader, Done& done);

// How many of the level's remaining events are not done.
std::uint64_t count_open(codec::EventReader& reader, const Done& done);

// Takes all remaining paths of a level into `seen` without asking for work: for levels that are complete but
// smaller than one that is not.
void note_paths(codec::EventReader& reader, SeenPaths& seen);

}  // namespace recentd::mirror
