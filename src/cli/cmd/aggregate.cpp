#include <cstdio>

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/writer_options.hpp"

namespace recentd::cli {

const Usage& aggregate_usage() {
  static const Usage row = {
      .command = "aggregate",
      .operands = "ROOT",
      .summary =
          "Merges the index files of ROOT upward: the smallest into the next on every call, each larger one\n"
          "when it is due. To be called every minute or so by cron. Silent on success.",
      .example = "* * * * * recentd aggregate /srv/pub",
      .options = with_writer_options(
          {rarely({"force,f", nullptr,
                   "merge every level, due or not, and although one disagrees with its name"}),
           writer_option("keep-delete-objects-forever"), writer_option("http")})};
  return row;
}

int cmd_aggregate(Words words) {
  const auto arguments = Arguments::parse(aggregate_usage(), words);
  if (!arguments) return 0;
  auto options = writer_options("aggregate", *arguments);
  options.force = arguments->has("force");
  auto origin =
      Origin::open(arguments->operand(0), options, system_clock(), arguments->value("filenameroot"));
  for (const auto& interval : origin.aggregate(arguments->has("force")).merged_into) {
    if (options.dry_run)
      std::printf("would write level %s\n", interval.c_str());
    else
      Log("aggregate").info("level written", {{"interval", interval}});
  }
  return 0;
}

}  // namespace recentd::cli
