#include <cstdio>

#include <recentd/reading.hpp>

#include "base/text.hpp"
#include "cli/json_output.hpp"
#include "cli/options.hpp"
#include "cli/tree_name.hpp"

namespace recentd::cli {

const Usage& overview_usage() {
  static const Usage row = {
      .command = "overview",
      .operands = "ROOT",
      .summary =
          "Shows a table of the levels of ROOT: how many events, from when to when, and as a cloud of "
          "carets\n"
          "how their spans overlap.",
      .example = "recentd overview /srv/pub --verbose",
      .options = {rarely({"filenameroot", "NAME", "first part of the index files' names (default RECENT)"}),
                  {"json", nullptr, "a JSON object for each level, with all columns"},
                  {"verbose,v", nullptr,
                   "with columns for new and delete events, dirtymark, time of writing, merged epoch"}}};
  return row;
}

namespace {

std::string json_of(const LevelOverview& level) {
  JsonObject object;
  object.text("interval", level.interval).name("file", level.file);
  if (level.interval != "Z") object.number("seconds", static_cast<std::uint64_t>(level.interval_s));
  object.number("events", level.events)
      .number("new", level.added)
      .number("delete", level.deleted)
      .text("max", level.newest.text())
      .text("min", level.oldest.text());
  if (level.dirtymark) object.name("dirtymark", *level.dirtymark);
  if (level.produced) object.name("produced", *level.produced);
  if (level.merged) object.text("merged", *level.merged);
  return object.str();
}

}  // namespace

int cmd_overview(Words words) {
  const auto arguments = Arguments::parse(overview_usage(), words);
  if (!arguments) return 0;
  const auto levels = level_overviews(tree_name(arguments->operand(0), arguments->value("filenameroot")));
  if (arguments->has("json")) {
    for (const auto& level : levels) std::puts(json_of(level).c_str());
    return 0;
  }
  const auto columns = arguments->has("verbose") ? OverviewColumns::counts : OverviewColumns::brief;
  std::fputs(overview_table(levels, columns).c_str(), stdout);
  return 0;
}

}  // namespace recentd::cli
