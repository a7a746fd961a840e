#include <cstdio>

#include <recentd/origin.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/view/progress.hpp"
#include "cli/writer_options.hpp"
#include "settings/values.hpp"

namespace recentd::cli {

const Usage& convert_usage() {
  static const Usage row = {
      .command = "convert",
      .operands = "ROOT",
      .summary =
          "Changes the index set of ROOT: its format, its levels, its comment, or whether the last level\n"
          "keeps deletes. Events, epochs and dirtymark stay, so no mirror has to check anything again.",
      .example = "recentd convert /srv/pub --serializer-suffix .yaml --aggregator 6h,1d,1M,1Y,Z",
      .options = with_writer_options(
          {{"serializer-suffix", "SUFFIX", "write all levels in this format: .yaml, .json, .sto or .dd"},
           {"aggregator", "LIST", "these larger levels, with commas; what others hold goes to the next one"},
           {"comment", "TEXT", "this comment; none if it is empty"},
           {"keep-delete-objects-forever", nullptr,
            "the last level gets the deletes that the others know, and keeps them"},
           {"no-keep-delete-objects-forever", nullptr, "the last level loses its deletes"},
           writer_option("http"),
           rarely({"no-z", nullptr, "allow levels that do not end with Z: old files drop out of the index"}),
           rarely({"force,f", nullptr, "convert although the index disagrees with its file's name"}),
           rarely({"state", "DIR", "where files go that no longer belong to the index"}),
           progress_option()})};
  return row;
}

namespace {

Conversion conversion_from(const Arguments& arguments) {
  Conversion conversion;
  conversion.serializer_suffix = arguments.value("serializer-suffix");
  if (const auto list = arguments.value("aggregator")) conversion.aggregator = settings::parse_list(*list);
  conversion.comment = arguments.value("comment");
  const bool keep = arguments.has("keep-delete-objects-forever");
  const bool lose = arguments.has("no-keep-delete-objects-forever");
  if (keep && lose)
    throw Error(Kind::usage,
                "--keep-delete-objects-forever does not go with --no-keep-delete-objects-forever");
  if (keep || lose) conversion.keep_delete_objects_forever = keep;
  conversion.allow_no_z = arguments.has("no-z");
  conversion.state_directory = arguments.value("state").value_or("");
  if (!conversion.serializer_suffix && !conversion.aggregator && !conversion.comment && !keep && !lose)
    throw Error(Kind::usage, "nothing to convert; --help lists what can be changed");
  return conversion;
}

void say(const ConversionReport& report, bool dry_run) {
  std::string line = dry_run ? "would write" : "wrote";
  for (const auto& name : report.written) line += " " + escaped(name);
  if (report.written.empty()) line += " nothing";
  if (report.moved_to)
    line +=
        cat(dry_run ? ", would move" : ", moved", " what is no longer needed to ", escaped(*report.moved_to));
  if (dry_run)
    std::puts(line.c_str());
  else
    Log("convert").info(line);
}

}  // namespace

int cmd_convert(Words words) {
  const auto arguments = Arguments::parse(convert_usage(), words);
  if (!arguments) return 0;
  const auto conversion = conversion_from(*arguments);
  auto writer = writer_options("convert", *arguments);
  writer.force = arguments->has("force");
  const auto report = with_progress(*arguments, false, [&] {
    return convert_origin(arguments->operand(0), conversion, writer, system_clock(),
                          arguments->value("filenameroot"));
  });
  say(report, writer.dry_run);
  return 0;
}

}  // namespace recentd::cli
