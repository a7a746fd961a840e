#include "audit/promote.hpp"

#include <cstdio>

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/options.hpp"
#include "cli/writer_options.hpp"
#include "sys/process/signals.hpp"

namespace recentd::cli {

const Usage& promote_usage() {
  static const Usage row = {
      .command = "promote",
      .operands = "TARGET",
      .summary =
          "Makes the mirror of TARGET an origin, for good: the index stays as it is, and new events go on\n"
          "above its newest epoch, so that mirrors of it notice nothing. Point them here, and stop the\n"
          "mirror first.",
      .example = "recentd promote /srv/pub && recentd update /srv/pub --new dists/a.tar.gz",
      .options = {{"state", "DIR", "where the mirror's state is kept (default: recentd's state directory)"},
                  {"force,f", nullptr, "although the mirror is not complete"},
                  {"dry-run", nullptr, "say what would be done, change nothing"},
                  {"verbose,v", nullptr, "say what is done"}}};
  return row;
}

int cmd_promote(Words words) {
  const auto arguments = Arguments::parse(promote_usage(), words);
  if (!arguments) return 0;
  set_verbosity(arguments->count("verbose"));
  audit::PromoteOptions options;
  options.target = arguments->operand(0);
  options.state_directory = arguments->value("state").value_or("");
  options.force = arguments->has("force");
  options.dry_run = arguments->has("dry-run");
  sys::install_stop_handlers();
  const auto report = audit::promote(options, system_clock());
  for (const auto& problem : report.problems) Log("promote").warning(problem);
  for (const auto& line : report.known_missing)
    Log("promote").warning(
        cat("the index names a file that is not here as it should be; bring it, or register "
            "its delete: ",
            line));
  for (const auto& line : report.left_out)
    Log("promote").warning(cat("the index names what is not here; make it, or register its delete: ", line));
  const auto newest = report.newest ? report.newest->text() : std::string("(none)");
  if (options.dry_run)
    std::puts(cat(escaped(report.root), " would become an origin; it follows ", escaped(report.upstream),
                  ", and its newest event is ", newest)
                  .c_str());
  else
    Log("promote").info(cat(escaped(report.root), " is an origin now; it followed ", escaped(report.upstream),
                            ", its newest event is ", newest, ", the mirror's state is in ",
                            escaped(report.kept_in)));
  return 0;
}

}  // namespace recentd::cli
