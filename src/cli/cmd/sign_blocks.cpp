#include <cstdio>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/setting_options.hpp"
#include "cli/writer_options.hpp"
#include "settings/writer_settings.hpp"

namespace recentd::cli {

const Usage& sign_blocks_usage() {
  static const Usage row = {
      .command = "sign-blocks",
      .operands = "ROOT",
      .summary =
          "Signs the large files of ROOT that have no signature yet, so that mirrors that come over HTTP "
          "and\n"
          "have an earlier version of one fetch only what is new of it. From then on whatever registers a\n"
          "large file signs it. Reads each of them once. Silent on success.",
      .example = "recentd sign-blocks /srv/pub",
      .options = {{"filenameroot", "NAME", "first part of the index files' names (default RECENT)"},
                  writer_option("sig-min-size"),
                  {"dry-run", nullptr, "say how many would be signed, write nothing"},
                  {"verbose,v", nullptr, "say what is done; twice: more"}}};
  return row;
}

int cmd_sign_blocks(Words words) {
  const auto arguments = Arguments::parse(sign_blocks_usage(), words);
  if (!arguments) return 0;
  set_verbosity(arguments->count("verbose"));
  const Log log("sign-blocks");
  WriterOptions options;
  take_settings(*arguments, settings::writer_settings(), options);
  options.dry_run = arguments->has("dry-run");
  options.on_warning = [&log](const std::string& message) { log.warning(message); };
  const auto report =
      sign_blocks(arguments->operand(0), options, system_clock(), arguments->value("filenameroot"));
  for (const auto& path : report.unreadable)
    log.error("a file cannot be read, or changed meanwhile, and has no signature", {{"path", path}});
  if (options.dry_run)
    std::printf("would sign %zu files, and %zu are signed\n", report.made, report.current);
  else
    log.info(cat(report.made, " files signed, ", report.current, " were already, ", report.removed,
                 " signatures of others removed"));
  return report.unreadable.empty() ? 0 : exit_code(Kind::io);
}

}  // namespace recentd::cli
