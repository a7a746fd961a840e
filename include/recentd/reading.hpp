#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <recentd/event.hpp>

namespace recentd {

// What an index says: readers of a tree's index files, an origin's or a mirror's. They take no lock and
// change nothing, see recentfile(5), READERS; any number of them, in threads and processes, may run beside
// writers. In all of them `tree` is a directory, a `.recent` link or the principal's file. Events of hostile
// paths are handed over as they stand, see RelPath.
//
// Throw Error: missing (no index, or a level that went away), corrupt (a broken file, see recentfile(5),
// Broken files), usage (a directory with several sets: name the link), io.

// Which events a reader wants: after < epoch < before, then no deletes, then `contains`, then the first
// `max`.
//
//   const auto newest = news("/srv/pub", {.skip_deletes = true, .max = 20});
struct EventFilter {
  std::optional<Epoch> after = {};   // without itself
  std::optional<Epoch> before = {};  // without itself
  bool skip_deletes = false;         // before max counts
  // All that are set must hold.
  struct Contains {
    std::optional<Epoch> epoch = {};       // by value
    std::optional<std::string> path = {};  // equal bytes
    std::optional<std::string> type = {};  // equal text
  };
  Contains contains = {};
  std::size_t max = 0;  // 0: no limit
};

// First and last event of the unfiltered level, the newest and the oldest; nothing for an empty one.
struct EventsInfo {
  std::optional<Event> first = {};
  std::optional<Event> last = {};
};

// The events of one index file, newest first; a level alone is no picture of the tree, see recentfile(5),
// CONTRACTS.
std::vector<Event> recent_events(const std::string& level_file, const EventFilter& filter = {},
                                 EventsInfo* info = nullptr);

// Whether news() hides older events of a path that has a newer one.
enum class NewsMode {
  newest_per_path,  // what is and what is gone: of type new, it is the list of the tree's files
  all,              // what happened, as far as levels have it: an event of two levels comes once
};

// The events of a whole index set, newest first. Levels that do not join, so that events between them may be
// missing, are told in *warnings, a line each.
std::vector<Event> news(const std::string& tree, const EventFilter& filter = {},
                        NewsMode mode = NewsMode::newest_per_path,
                        std::vector<std::string>* warnings = nullptr);

// Tells what comes to an index set after a moment. Every look reads the principal only if its file is another
// one than before, so that a look a second is cheap.
//
//   NewsFollower follower("/srv/pub", {});
//   for (;; std::this_thread::sleep_for(std::chrono::seconds(1)))
//     for (const Event& event : follower.look().events) tell(event);
//
// Not for use from two threads.
class NewsFollower {
 public:
  // Starts behind the newest event that the set has now. `filter` may have no `max`. Throws as news().
  NewsFollower(std::string tree, EventFilter filter, NewsMode mode = NewsMode::newest_per_path);
  ~NewsFollower();
  NewsFollower(const NewsFollower&) = delete;
  NewsFollower& operator=(const NewsFollower&) = delete;

  struct Look {
    std::vector<Event> events = {};  // oldest first
    // The dirtymark is another one: events with old epochs came, which are not among the news. Who has to
    // know them asks news() for all.
    bool rewritten = false;
    std::vector<std::string> warnings = {};  // also why nothing could be read this time
  };
  // What came since the last look, each event once. An index that is missing or broken for a while is a
  // warning of each look until it is there again.
  Look look();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One level of a set, for tables: counted while its file is read as a stream, so that the largest needs
// little memory. Texts are as the file has them.
struct LevelOverview {
  std::string interval = {};                  // "6h"
  std::string file = {};                      // name in the tree's root
  std::int64_t interval_s = 0;                // INT64_MAX for Z
  std::uint64_t events = 0;                   // all of them
  std::uint64_t added = 0;                    // of type new
  std::uint64_t deleted = 0;                  // of type delete
  std::optional<std::string> dirtymark = {};  // recentfile(5), Meta
  std::optional<std::string> produced = {};   // when it was written, an epoch
  std::optional<std::string> merged = {};     // the newest epoch that was merged into the next level
  Epoch newest, oldest;                       // by value, whatever the file's order is
};

// The levels of a set that have events, smallest first; larger levels that do not exist yet are left out.
std::vector<LevelOverview> level_overviews(const std::string& tree);

enum class OverviewColumns {
  brief,    // the table of Perl's rrr-overview
  verbose,  // with its columns Dirtymark, Produced and Merged
  counts,   // with the numbers of new and delete events as well
};

// The table of levels, with the columns that recentd(1), recentd overview, explains; ends with LF. Only the
// header if there is no event.
std::string overview_table(const std::vector<LevelOverview>& levels,
                           OverviewColumns columns = OverviewColumns::brief);
// The same at once.
std::string overview(const std::string& tree, OverviewColumns columns = OverviewColumns::brief);

}  // namespace recentd
