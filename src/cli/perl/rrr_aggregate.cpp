#include <limits>

#include <recentd/origin.hpp>

#include "base/log.hpp"
#include "cli/options.hpp"
#include "cli/perl/rrr_options.hpp"
#include "settings/values.hpp"

namespace recentd::cli {

const RrrUsage& rrr_aggregate_usage() {
  using Takes = RrrOption::Takes;
  static const RrrUsage row = {
      .program = "rrr-aggregate",
      .synopsis = "[options] principalfile",
      .operands = std::numeric_limits<std::size_t>::max(),  // what follows the first one is not looked at
      .on_error = RrrUsage::OnError::synopsis_on_stderr_exit_2,
      .options = {{"dry-run", Takes::negatable, "refused: there is no dry run of an aggregation"},
                  {"force|f", Takes::nothing, "merge every level, due or not"},
                  {"locktimeout", Takes::value, "wait at most so many seconds for a lock (default 600)"},
                  {"verbose|v", Takes::count, "say which levels are written"}},
      .operands_needed = 1};
  return row;
}

int rrr_aggregate(Words words) {
  const auto parsed = RrrArguments::parse(rrr_aggregate_usage(), words);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& arguments = std::get<RrrArguments>(parsed);
  if (arguments.count("dry-run") > 0) {
    throw Error(Kind::refused, "--dry-run is not possible; nothing was done");
  }
  WriterOptions options;
  options.on_warning = warnings_when_verbose("aggregate", arguments);
  if (const auto text = arguments.value("locktimeout"))
    options.locktimeout = settings::parse_seconds("--locktimeout", *text);
  if (arguments.count("verbose") > 0) Log::set_limit(Level::info);
  auto origin = Origin::open(arguments.operand(0), options);
  for (const auto& interval : origin.aggregate(arguments.count("force") > 0).merged_into) {
    Log("aggregate").info("level written", {{"interval", interval}});
  }
  return 0;
}

}  // namespace recentd::cli
