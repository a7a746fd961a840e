#include <algorithm>
#include <array>
#include <cstdio>

#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "tree/tree.hpp"

namespace recentd {

namespace {

// One level as the table shows it.
struct Line {
  std::string interval, count, dirtymark, produced, merged, max, min, span, util, cloud;
};

std::string two_digits(double value) {
  // The longest double has 309 digits before the dot.
  std::array<char, 330> text;
  const int n = std::snprintf(text.data(), text.size(), "%.2f", value);
  return {text.data(), static_cast<std::size_t>(n)};
}

std::string two_digits(const std::optional<std::string>& epoch, const char* otherwise) {
  const std::optional<EpochView> parsed = epoch ? EpochView::parse(*epoch) : std::nullopt;
  return parsed ? two_digits(approximate(*parsed)) : otherwise;
}

std::string utilisation(double span, const Interval& interval) {
  if (interval.is_z() || interval.seconds() == 0) return "-";
  std::array<char, 340> text;
  const int n = std::snprintf(text.data(), text.size(), "%5.1f%%",
                              100 * span / static_cast<double>(interval.seconds()));
  return {text.data(), static_cast<std::size_t>(n)};
}

std::string produced_at(const Meta& meta) {
  const Value* time = meta.producers.find("time");
  return two_digits(time != nullptr ? std::optional<std::string>(time->text) : std::nullopt, "0.00");
}

std::string merged_at(const Meta& meta, const Interval& interval) {
  if (interval.is_z()) return "-";
  if (!meta.merged || !meta.merged->epoch) return "0.00";
  return two_digits(approximate(meta.merged->epoch->view()));
}

// Nothing for a level that is missing or empty.
std::optional<Line> describe(const TreeLayout& layout, std::size_t index) {
  const LevelFile file = layout.file(index);
  const std::optional<LevelContent> level =
      index == 0 ? read_principal(file, Reader::mirror) : read_level(file, Reader::mirror);
  if (!level || level->events.rows.empty()) return std::nullopt;
  const Interval& interval = layout.levels[index];
  const double max = approximate(*level->newest()), min = approximate(*level->oldest());
  return Line{interval.spec(),
              std::to_string(level->events.rows.size()),
              two_digits(level->meta.dirtymark, "-"),
              produced_at(level->meta),
              merged_at(level->meta, interval),
              two_digits(max),
              two_digits(min),
              two_digits(max - min),
              utilisation(max - min, interval),
              {}};
}

// A caret where a level begins and ends among all the times that the table shows, newest first.
void draw_cloud(std::vector<Line>& lines) {
  std::vector<Epoch> ranks;
  for (const Line& line : lines) {
    ranks.push_back(*Epoch::parse(line.max));
    ranks.push_back(*Epoch::parse(line.min));
  }
  std::sort(ranks.begin(), ranks.end(), [](const Epoch& a, const Epoch& b) { return a > b; });
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  for (Line& line : lines) {
    for (const Epoch& rank : ranks)
      line.cloud += rank.text() == line.max || rank.text() == line.min ? '^' : ' ';
  }
}

using Row = std::vector<std::string>;

Row row_of(const Line& line, OverviewColumns columns) {
  Row row{line.interval, line.count};
  if (columns == OverviewColumns::verbose)
    row.insert(row.end(), {line.dirtymark, line.produced, line.merged});
  row.insert(row.end(), {line.max, line.min, line.span, line.util, line.cloud});
  return row;
}

std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ' ';
      out += std::string(widths[i] - row[i].size(), ' ') + row[i];
    }
    out += '\n';
  }
  return out;
}

}  // namespace

std::string overview(const std::string& tree, OverviewColumns columns) {
  const TreeLayout layout = open_tree(tree);
  std::vector<Line> lines;
  for (std::size_t i = 0; i < layout.levels.size(); ++i) {
    if (std::optional<Line> line = describe(layout, i)) lines.push_back(std::move(*line));
  }
  draw_cloud(lines);
  const Line header{"Ival", "Cnt", "Dirtymark", "Produced", "Merged", "Max", "Min", "Span", "Util", "Cloud"};
  std::vector<Row> rows{row_of(header, columns)};
  for (const Line& line : lines) rows.push_back(row_of(line, columns));
  return aligned(rows);
}

}  // namespace recentd
