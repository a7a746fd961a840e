#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <recentd/event.hpp>

namespace recentd {

// Which events a reader wants (SPEC 8.1, the intended column): after < epoch < before, then no deletes, then
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

// The events of a whole index set, newest first (SPEC 8.2 "Ours"). `tree` is a directory, a `.recent` link or
// the principal's file. Levels that do not join are told in *warnings. Throws Error{missing, corrupt}.
std::vector<Event> news(const std::string& tree, const EventFilter& filter = {},
                        NewsMode mode = NewsMode::newest_per_path,
                        std::vector<std::string>* warnings = nullptr);

enum class OverviewColumns { brief, verbose };

// The table of levels with its Cloud column (SPEC 8.3); ends with LF. Only the header if there is no event.
std::string overview(const std::string& tree, OverviewColumns columns = OverviewColumns::brief);

}  // namespace recentd
