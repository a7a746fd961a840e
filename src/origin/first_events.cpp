#include "origin/first_events.hpp"

#include <algorithm>

namespace recentd {

namespace {

// n epochs for the files of one second, newest first, all below `ceiling` if there is one, none above now.
std::vector<Epoch> epochs_for(std::int64_t second, std::size_t n, const std::optional<Epoch>& ceiling,
                              const Epoch& now) {
  const Epoch start = Epoch::from_parts(second, 0, 0);
  Epoch end = Epoch::from_parts(second + 1, 0, 0);
  if (ceiling && *ceiling < end) end = *ceiling;
  if (now < end) end = now;
  std::vector<Epoch> out;
  if (start < end) {
    // The first second of a file tells its mtime exactly.
    out = spread(start.view(), end.view(), n - 1);
    out.insert(out.begin(), start);
  } else if (ceiling && *ceiling <= start) {
    // The second above had to reach down into this one.
    out = spread(Epoch::from_parts(second - 1, 0, 0).view(), ceiling->view(), n);
  } else {
    // This very second, and the clock shows no fraction of it yet.
    out = spread(Epoch::from_parts(second - 1, 0, 0).view(), start.view(), n - 1);
    out.push_back(start);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

EventList first_events(std::vector<TreeFile> files, TimePoint now) {
  const Epoch now_epoch = Epoch::from_time(now);
  const std::int64_t last_second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  for (TreeFile& file : files) {
    file.mtime_s = std::clamp<std::int64_t>(file.mtime_s, 1, std::max<std::int64_t>(last_second, 1));
  }
  std::sort(files.begin(), files.end(), [](const TreeFile& a, const TreeFile& b) {
    return a.mtime_s != b.mtime_s ? a.mtime_s > b.mtime_s : a.path < b.path;
  });
  EventList events;
  events.rows.reserve(files.size());
  std::optional<Epoch> ceiling;
  for (std::size_t begin = 0, end = 0; begin < files.size(); begin = end) {
    const std::int64_t second = files[begin].mtime_s;
    while (end < files.size() && files[end].mtime_s == second) ++end;
    const std::vector<Epoch> epochs = epochs_for(second, end - begin, ceiling, now_epoch);
    for (std::size_t i = begin; i < end; ++i) {
      events.rows.push_back(events.make_row(epochs[i - begin].view(), files[i].path, EventType::new_));
    }
    ceiling = epochs.back();
  }
  return events;
}

std::size_t within(const EventList& events, std::int64_t interval_s) {
  const std::vector<EventRow>& rows = events.rows;
  if (rows.empty()) return 0;
  const std::optional<Epoch> bound = minus_seconds(rows.front().epoch(), interval_s);
  if (!bound) return rows.size();
  const auto end = std::partition_point(rows.begin(), rows.end(),
                                        [&](const EventRow& row) { return row.epoch() >= bound->view(); });
  return static_cast<std::size_t>(end - rows.begin());
}

}  // namespace recentd
