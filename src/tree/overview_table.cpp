#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

#include <recentd/reading.hpp>

namespace recentd {

namespace {

// One level as the table shows it.
struct Line {
  std::string interval, count, added, deleted, dirtymark, produced, merged, max, min, span, util, cloud;
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

bool is_endless(const LevelOverview& level) {
  return level.interval_s == INT64_MAX;
}

std::string utilisation(double span, const LevelOverview& level) {
  if (is_endless(level) || level.interval_s == 0) return "-";
  std::array<char, 340> text;
  const int n =
      std::snprintf(text.data(), text.size(), "%5.1f%%", 100 * span / static_cast<double>(level.interval_s));
  return {text.data(), static_cast<std::size_t>(n)};
}

Line line_of(const LevelOverview& level) {
  const double max = approximate(level.newest), min = approximate(level.oldest);
  return Line{level.interval,
              std::to_string(level.events),
              std::to_string(level.added),
              std::to_string(level.deleted),
              two_digits(level.dirtymark, "-"),
              two_digits(level.produced, "0.00"),
              is_endless(level) ? "-" : two_digits(level.merged, "0.00"),
              two_digits(max),
              two_digits(min),
              two_digits(max - min),
              utilisation(max - min, level),
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
  if (columns == OverviewColumns::counts) row.insert(row.end(), {line.added, line.deleted});
  if (columns != OverviewColumns::brief) row.insert(row.end(), {line.dirtymark, line.produced, line.merged});
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

std::string overview_table(const std::vector<LevelOverview>& levels, OverviewColumns columns) {
  std::vector<Line> lines;
  for (const LevelOverview& level : levels) lines.push_back(line_of(level));
  draw_cloud(lines);
  const Line header{"Ival",   "Cnt", "New", "Delete", "Dirtymark", "Produced",
                    "Merged", "Max", "Min", "Span",   "Util",      "Cloud"};
  std::vector<Row> rows{row_of(header, columns)};
  for (const Line& line : lines) rows.push_back(row_of(line, columns));
  return aligned(rows);
}

}  // namespace recentd
