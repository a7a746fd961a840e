#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <recentd/event.hpp>

namespace recentd {

// Which events a reader wants: after < epoch < before, then no deletes, then
// `contains`, then the first `max`.
struct EventFilter {
  std::optional<Epoch> after;
  std::optional<Epoch> before;
  bool skip_deletes = false;
  struct Contains {
    std::optional<Epoch> epoch;       // by value
    std::optional<std::string> path;  // equal bytes
    std::optional<std::string> type;  // equal text
  } contains;
  std::size_t max = 0;  // 0: no limit
};

// First and last event of the unfiltered level; nothing for an empty one.
struct EventsInfo {
  std::optional<Event> first;
  std::optional<Event> last;
};

// The events of one index file, newest first. Throws Error{missing, corrupt}.
std::vector<Event> recent_events(const std::string& level_file, const EventFilter& filter = {},
                                 EventsInfo* info = nullptr);

// Whether news() hides older events of a path that has a newer one.
enum class NewsMode { newest_per_path, all };

// The events of a whole index set, newest first. `tree` is a directory, a `.recent` link or
// the principal's file. Levels that do not join are told in *warnings. Throws Error{missing, corrupt}.
std::vector<Event> news(const std::string& tree, const EventFilter& filter = {},
                        NewsMode mode = NewsMode::newest_per_path,
                        std::vector<std::string>* warnings = nullptr);

// Tells what comes to an index set after a moment. Every look reads the principal only if its file is another
// one than before. Not for use from two threads.
class NewsFollower {
 public:
  // Starts behind the newest event that the set has now. `filter` may have no `max`. Throws as news().
  NewsFollower(std::string tree, EventFilter filter, NewsMode mode = NewsMode::newest_per_path);
  ~NewsFollower();
  NewsFollower(const NewsFollower&) = delete;
  NewsFollower& operator=(const NewsFollower&) = delete;

  struct Look {
    std::vector<Event> events;  // oldest first
    // The dirtymark is another one: events with old epochs came, which are not among the news.
    bool rewritten = false;
    std::vector<std::string> warnings;  // also why nothing could be read this time
  };
  // What came since the last look. An index that is missing or broken for a while is a warning.
  Look look();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One level of a set, for tables: counted while its file is read as a stream. Texts are as the file has them.
struct LevelOverview {
  std::string interval;
  std::string file;             // name in the tree's root
  std::int64_t interval_s = 0;  // INT64_MAX for Z
  std::uint64_t events = 0;     // all of them
  std::uint64_t added = 0;      // of type new
  std::uint64_t deleted = 0;    // of type delete
  std::optional<std::string> dirtymark;
  std::optional<std::string> produced;  // when it was written
  std::optional<std::string> merged;    // the newest epoch that was merged into the next level
  Epoch newest, oldest;
};

// The levels of a set that have events, smallest first. Throws Error{missing, corrupt}.
std::vector<LevelOverview> level_overviews(const std::string& tree);

// brief: the reference's table; verbose: with its columns Dirtymark, Produced and Merged; counts: with the
// numbers of new and delete events as well.
enum class OverviewColumns { brief, verbose, counts };

// The table of levels with its Cloud column; ends with LF. Only the header if there is no event.
std::string overview_table(const std::vector<LevelOverview>& levels,
                           OverviewColumns columns = OverviewColumns::brief);
// The same at once.
std::string overview(const std::string& tree, OverviewColumns columns = OverviewColumns::brief);

}  // namespace recentd
