#include <span>
#include <vector>

#include <recentd/reading.hpp>

#include "tree/tree.hpp"

namespace recentd {

namespace {

constexpr std::size_t k_rows_at_once = 1024;

// Counts events; their ends are by value, whatever the file's order is.
class Tally {
 public:
  void add(std::span<const EventRow> rows) {
    for (const EventRow& row : rows) {
      const EpochView epoch = row.epoch();
      if (!newest_ || epoch > *newest_) newest_ = epoch;
      if (!oldest_ || epoch < *oldest_) oldest_ = epoch;
      added_ += row.type == EventType::new_ ? 1 : 0;
      deleted_ += row.type == EventType::delete_ ? 1 : 0;
    }
    events_ += rows.size();
  }

  // Nothing if there was no event. What was counted must still be in memory.
  [[nodiscard]] std::optional<LevelOverview> result(const LevelFile& file, const Interval& interval,
                                                    const Meta& meta) const {
    if (!newest_) return std::nullopt;
    const Value* time = meta.producers.find("time");
    const bool merged = meta.merged && meta.merged->epoch;
    return LevelOverview{interval.spec(),
                         file.name.file(),
                         interval.seconds(),
                         events_,
                         added_,
                         deleted_,
                         meta.dirtymark,
                         time != nullptr ? std::optional(time->text) : std::nullopt,
                         merged ? std::optional(meta.merged->epoch->text()) : std::nullopt,
                         Epoch(*newest_),
                         Epoch(*oldest_)};
  }

 private:
  std::uint64_t events_ = 0, added_ = 0, deleted_ = 0;
  std::optional<EpochView> newest_, oldest_;
};

std::optional<LevelOverview> counted(const LevelContent& level, const LevelFile& file,
                                     const Interval& interval) {
  Tally tally;
  tally.add(level.events.rows);
  return tally.result(file, interval, level.meta);
}

// Never more than a part of a large file is in memory.
std::optional<LevelOverview> counted(OpenLevel& level, const LevelFile& file, const Interval& interval) {
  Tally tally;
  std::vector<EventRow> rows(k_rows_at_once);
  while (const std::size_t n = level.reader->read(rows)) tally.add({rows.data(), n});
  return tally.result(file, interval, level.reader->meta());
}

std::optional<LevelOverview> describe(const TreeLayout& layout, std::size_t index) {
  const LevelFile file = layout.file(index);
  const Interval& interval = layout.levels[index];
  if (index == 0 && has_regular_link(file)) {
    const auto level = read_principal(file, Reader::mirror);
    return level ? counted(*level, file, interval) : std::nullopt;
  }
  auto level = open_level(file, Reader::mirror);
  return level ? counted(*level, file, interval) : std::nullopt;
}

}  // namespace

std::vector<LevelOverview> level_overviews(const std::string& tree) {
  const TreeLayout layout = open_tree(tree);
  std::vector<LevelOverview> levels;
  for (std::size_t i = 0; i < layout.levels.size(); ++i) {
    if (auto level = describe(layout, i)) levels.push_back(std::move(*level));
  }
  return levels;
}

std::string overview(const std::string& tree, OverviewColumns columns) {
  return overview_table(level_overviews(tree), columns);
}

}  // namespace recentd
