#include <cstdio>

#include "base/count.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/view/progress.hpp"
#include "cli/writer_options.hpp"
#include "settings/filter_rules.hpp"
#include "settings/values.hpp"

namespace recentd::cli {

const Usage& init_usage() {
  static const Usage row = {
      .command = "init",
      .operands = "ROOT",
      .summary =
          "Makes the tree ROOT an origin: all its files and links are indexed with their times, and the\n"
          "index files RECENT-* and the link RECENT.recent are written into ROOT.",
      .example = "recentd init /srv/pub && rsync --daemon --config=/etc/recentd/rsyncd.conf",
      .options = with_writer_options(
          {{"interval", "SPEC", "time span of the smallest level, the principal (default 1h)"},
           {"aggregator", "LIST", "larger levels, with commas (default 6h,1d,1W,1M,1Q,1Y,Z)"},
           rarely(
               {"serializer-suffix", "SUFFIX", "format of the index: .yaml (default), .json, .sto or .dd"}),
           rarely({"comment", "TEXT", "a comment about this tree, kept in the index"}),
           rarely({"canonize", "METHOD", "how paths are made canonical: naive_path_normalize"}),
           writer_option("keep-delete-objects-forever"),
           writer_option("record"),
           writer_option("http"),
           {"filter", "RULE", "which files are indexed, as with watch (repeatable)"},
           rarely({"no-z", nullptr, "allow levels that do not end with Z: old files drop out of the index"}),
           {"force,f", nullptr, "move an existing index set away and start anew"},
           rarely({"force-target", nullptr, "index even a directory of the system, or somebody's home"}),
           rarely({"state", "DIR", "where --force moves the old set to"}),
           progress_option()})};
  return row;
}

namespace {

OriginSettings settings_from(const Arguments& arguments) {
  OriginSettings settings;
  settings.interval = arguments.value("interval").value_or(settings.interval);
  if (const auto list = arguments.value("aggregator")) settings.aggregator = settings::parse_list(*list);
  settings.filenameroot = arguments.value("filenameroot").value_or(settings.filenameroot);
  settings.serializer_suffix = arguments.value("serializer-suffix").value_or(settings.serializer_suffix);
  settings.comment = arguments.value("comment");
  settings.canonize = arguments.value("canonize");
  return settings;
}

void report(const InitReport& report, bool dry_run, bool verbose) {
  if (!dry_run && !verbose) return;
  std::printf("%s %s in", dry_run ? "would index" : "indexed", counted(report.files, "file").c_str());
  for (const auto& name : report.written) std::printf(" %s", escaped(name).c_str());
  std::puts("");
  if (report.moved_to) {
    std::printf("%s the old index to %s\n", dry_run ? "would move" : "moved",
                escaped(*report.moved_to).c_str());
  }
}

}  // namespace

int cmd_init(Words words) {
  const auto arguments = Arguments::parse(init_usage(), words);
  if (!arguments) return 0;
  auto writer = writer_options("init", *arguments);
  PathFilter filter;
  for (const auto& rule : arguments->values("filter")) settings::add_rule("--filter", rule, filter);
  const InitOptions options = {.force = arguments->has("force"),
                               .allow_no_z = arguments->has("no-z"),
                               .force_place = arguments->has("force-target"),
                               .filter = std::move(filter),
                               .state_directory = arguments->value("state").value_or("")};
  const auto settings = settings_from(*arguments);
  const auto result = with_progress(
      *arguments, false, [&] { return init_origin(arguments->operand(0), settings, options, writer); });
  report(result, writer.dry_run, arguments->has("verbose"));
  return 0;
}

}  // namespace recentd::cli
