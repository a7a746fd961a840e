#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "support/oracle/oracle.hpp"

namespace recentd::test::oracle {

std::vector<Event> select(const std::vector<Event>& events, const Query& query) {
  std::vector<Event> out;
  for (const Event& event : events) {
    if (query.after && compare(event.epoch, *query.after) <= 0) continue;
    if (query.before && compare(event.epoch, *query.before) >= 0) continue;
    if (query.skip_deletes && event.type == "delete") continue;
    if (query.epoch && compare(event.epoch, *query.epoch) != 0) continue;
    if (query.path && event.path != *query.path) continue;
    if (query.type && event.type != *query.type) continue;
    out.push_back(event);
    if (query.max != 0 && out.size() == query.max) break;
  }
  return out;
}

std::vector<Event> stream(const std::vector<File>& levels, const Query& query, bool newest_per_path) {
  std::vector<Event> all;
  for (const File& level : levels) all.insert(all.end(), level.recent.begin(), level.recent.end());
  std::stable_sort(all.begin(), all.end(),
                   [](const Event& a, const Event& b) { return compare(a.epoch, b.epoch) > 0; });
  std::vector<Event> kept;
  std::set<std::string> seen;
  for (const Event& event : all) {
    const bool again = !kept.empty() && kept.back().path == event.path && kept.back().type == event.type &&
                       compare(kept.back().epoch, event.epoch) == 0;
    if (newest_per_path ? seen.insert(event.path).second : !again) kept.push_back(event);
  }
  return select(kept, query);
}

namespace {

using Row = std::vector<std::string>;

std::string formatted(const char* format, double value) {
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

std::string two_digits(const std::optional<std::string>& epoch) {
  return formatted("%.2f", epoch ? std::strtod(epoch->c_str(), nullptr) : 0.0);
}

std::string produced(const Meta& meta) {
  const Value* time = meta.producers.find("time");
  return two_digits(time == nullptr ? std::nullopt : std::optional(time->text));
}

Row row_of(const std::string& interval, const File& file, bool verbose) {
  const bool z = interval == "Z";
  const double max = std::strtod(file.recent.front().epoch.c_str(), nullptr);
  const double min = std::strtod(file.recent.back().epoch.c_str(), nullptr);
  Row row = {interval, std::to_string(file.recent.size())};
  if (verbose) {
    row.push_back(file.meta.dirtymark ? two_digits(file.meta.dirtymark) : "-");
    row.push_back(produced(file.meta));
    row.push_back(z ? "-"
                    : two_digits(file.meta.merged && file.meta.merged->epoch
                                     ? std::optional(file.meta.merged->epoch->text())
                                     : std::nullopt));
  }
  row.push_back(formatted("%.2f", max));
  row.push_back(formatted("%.2f", min));
  row.push_back(formatted("%.2f", max - min));
  row.push_back(z ? "-"
                  : formatted("%5.1f%%", 100 * (max - min) / static_cast<double>(*seconds_of(interval))));
  return row;
}

// One character per distinct Max or Min, newest first.
std::string cloud(const Row& row, std::size_t max, const std::vector<std::string>& ranks) {
  std::string out(ranks.size(), ' ');
  for (const std::size_t column : {max, max + 1}) {
    const auto rank = std::find(ranks.begin(), ranks.end(), row[column]);
    out[static_cast<std::size_t>(rank - ranks.begin())] = '^';
  }
  return out;
}

}  // namespace

std::string overview(const std::vector<std::pair<std::string, File>>& levels, bool verbose) {
  std::vector<Row> rows = {{"Ival", "Cnt"}};
  if (verbose) rows[0].insert(rows[0].end(), {"Dirtymark", "Produced", "Merged"});
  const std::size_t max = rows[0].size();
  rows[0].insert(rows[0].end(), {"Max", "Min", "Span", "Util"});
  std::vector<std::string> ranks;
  for (const auto& [interval, file] : levels) {
    if (file.recent.empty()) continue;
    rows.push_back(row_of(interval, file, verbose));
    ranks.insert(ranks.end(), {rows.back()[max], rows.back()[max + 1]});
  }
  std::sort(ranks.begin(), ranks.end(), [](const std::string& a, const std::string& b) {
    return std::strtod(a.c_str(), nullptr) > std::strtod(b.c_str(), nullptr);
  });
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  rows[0].push_back("Cloud");
  for (std::size_t i = 1; i < rows.size(); ++i) rows[i].push_back(cloud(rows[i], max, ranks));

  std::vector<std::size_t> widths(rows[0].size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += (i > 0 ? " " : "") + std::string(widths[i] - row[i].size(), ' ') + row[i];
    }
    out += '\n';
  }
  return out;
}

}  // namespace recentd::test::oracle
