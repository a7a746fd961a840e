#include "mirror/follow/pass_line.hpp"

#include <algorithm>

#include "base/count.hpp"
#include "base/duration.hpp"
#include "base/text.hpp"

namespace recentd::mirror {
namespace {

std::string tenths_text(std::chrono::nanoseconds time) {
  const auto tenths = std::chrono::round<std::chrono::milliseconds>(time).count() / 100;
  if (tenths >= 100) return duration_text(tenths / 10);
  return cat(tenths / 10, ".", tenths % 10, " s");
}

// What is left, the worst first.
std::string state_of(const MirrorReport& report) {
  if (report.rolled_back) return "not followed, the upstream fell behind";
  if (report.other_tree) return "not followed, the upstream shows another tree";
  const auto held = report.held_deletes + report.held_extra;
  if (held > 0) return cat(counted(held, "delete"), " held back");
  if (report.up_to_date) return "up to date";
  if (report.missing.empty()) return "not up to date yet";
  return cat(counted(report.missing.size(), "path"), " left to do");
}

}  // namespace

std::string pass_line(const PassFacts& facts) {
  const auto& report = facts.report;
  auto line = cat(single_line(facts.target.substr(facts.target.rfind('/') + 1)), ": ");
  if (report.transferred > 0) line += cat(grouped(report.transferred), " new, ");
  if (report.unchanged > 0) line += cat(grouped(report.unchanged), " unchanged, ");
  if (report.deleted > 0) line += cat(grouped(report.deleted), " deleted, ");
  const bool worked = report.transferred + report.unchanged + report.deleted > 0;
  if (!worked) line += "nothing new, ";
  if (worked && report.bytes > 0) line += cat(size_text(report.bytes), " in ", tenths_text(facts.took), ", ");
  if (worked && report.bytes == 0) line += cat("in ", tenths_text(facts.took), ", ");
  line += state_of(report);
  // Of a pass that brought nothing that was new the newest event tells when something happened last.
  if (!report.up_to_date || report.transferred + report.deleted == 0 || facts.newest == nullptr) return line;
  const auto now_s = std::chrono::floor<std::chrono::seconds>(facts.now).time_since_epoch().count();
  const auto behind_s = now_s - facts.newest->key().seconds;
  return behind_s < 0 ? line : cat(line, ", ", duration_text(behind_s), " behind");
}

bool PassTold::is_news(const MirrorReport& report) {
  const Left left{report.up_to_date, report.rolled_back, report.other_tree, report.missing.size(),
                  report.held_deletes + report.held_extra};
  const bool same = last_ == left;
  last_ = left;
  return !same || report.transferred + report.deleted > 0;
}

}  // namespace recentd::mirror
