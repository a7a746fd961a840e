#include <algorithm>

#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "base/text.hpp"
#include "sys/path_table.hpp"
#include "tree/filter.hpp"
#include "tree/tree.hpp"

namespace recentd {

namespace {

// A row and where it comes from: of equal epochs the smaller level's counts.
struct Found {
  EventRow row;
  std::uint32_t level;
};

// Reads level after level until the question is answered.
class News {
 public:
  News(TreeLayout layout, const EventFilter& filter, NewsMode mode, std::vector<std::string>* warnings)
      : layout_(std::move(layout)), filter_(filter), mode_(mode), warnings_(warnings) {}

  std::vector<Event> run() {
    for (std::size_t i = 0; i < layout_.levels.size(); ++i) {
      if (!read(i)) continue;
      if (answered(layout_.levels[i])) break;
    }
    return collect(filter_.max);
  }

 private:
  void warn(const std::string& text) {
    if (warnings_ != nullptr) warnings_->push_back(text);
  }

  // False if there is nothing in this level.
  bool read(std::size_t index) {
    const LevelFile file = layout_.file(index);
    std::optional<LevelContent> level =
        index == 0 ? read_principal(file, Reader::mirror) : read_level(file, Reader::mirror);
    if (!level) {
      warn(cat(escaped(file.path()), " is missing"));
      return false;
    }
    if (level->events.rows.empty()) return false;
    check_join(*level, file);
    for (const EventRow& row : level->events.rows)
      rows_.push_back({row, static_cast<std::uint32_t>(levels_.size())});
    levels_.push_back(std::move(*level));
    std::stable_sort(rows_.begin(), rows_.end(),
                     [](const Found& a, const Found& b) { return a.row.epoch() > b.row.epoch(); });
    return true;
  }

  // Levels join if below the smaller level's oldest event there is the larger one's newest, or what was
  // merged.
  void check_join(const LevelContent& larger, const LevelFile& file) {
    if (levels_.empty()) return;
    const LevelContent& smaller = levels_.back();
    const EpochView oldest = *smaller.oldest();
    const EpochView end = *larger.newest();
    if (oldest <= end) return;
    const std::optional<Merged>& merged = smaller.meta.merged;
    // Only what was merged is ever cut off, and all of that is in the larger one: what is between them left
    // because its path has a newer event.
    if (!merged || !merged->epoch) return;
    if (oldest <= merged->epoch->view() || merged->epoch->view() <= end) return;
    warn(cat(escaped(file.path()), " does not join: it ends at ", end.text, ", the level below begins at ",
             oldest.text, "; events between them may be missing"));
  }

  // True if larger levels cannot add anything to what the levels up to this one answer.
  [[nodiscard]] bool answered(const Interval& interval) const {
    // A level has every event of its interval. Below that it may have an old one that was registered late,
    // while events between the two have gone up long ago.
    const LevelContent& level = levels_.back();
    const std::optional<Epoch> start = minus_seconds(*level.newest(), interval.seconds());
    const EpochView complete = start && start->view() > *level.oldest() ? start->view() : *level.oldest();
    if (filter_.after && complete <= filter_.after->view()) return true;
    if (filter_.max == 0) return false;
    const std::vector<Event> events = collect(filter_.max);
    return events.size() == filter_.max && events.back().epoch.view() >= complete;
  }

  [[nodiscard]] std::vector<Event> collect(std::size_t max) const {
    std::vector<Event> out;
    sys::PathSet seen(mode_ == NewsMode::all ? 0 : rows_.size());
    const Found* previous = nullptr;
    for (const Found& found : rows_) {
      if (max > 0 && out.size() >= max) break;
      const EventList& events = levels_[found.level].events;
      if (mode_ == NewsMode::all) {
        if (previous != nullptr && repeats(*previous, found)) continue;
        previous = &found;
      } else if (!seen.insert(found.row.path())) {
        continue;
      }
      if (wanted(filter_, events, found.row)) out.push_back(events.event(found.row));
    }
    return out;
  }

  static bool repeats(const Found& a, const Found& b) {
    return a.row.epoch() == b.row.epoch() && a.row.path() == b.row.path() && a.row.type == b.row.type;
  }

  TreeLayout layout_;
  const EventFilter& filter_;
  NewsMode mode_;
  std::vector<std::string>* warnings_;
  std::vector<LevelContent> levels_;
  std::vector<Found> rows_;
};

}  // namespace

std::vector<Event> news(const std::string& tree, const EventFilter& filter, NewsMode mode,
                        std::vector<std::string>* warnings) {
  TreeLayout layout = open_tree(tree);
  if (warnings != nullptr) *warnings = layout.remarks;
  return News(std::move(layout), filter, mode, warnings).run();
}

}  // namespace recentd
