#include <chrono>
#include <cstdio>

#include <recentd/origin.hpp>

#include "base/text.hpp"
#include "cli/perl/rrr_options.hpp"
#include "settings/values.hpp"

namespace recentd::cli {

const RrrUsage& rrr_init_usage() {
  using Takes = RrrOption::Takes;
  static const RrrUsage row = {
      .program = "rrr-init",
      .synopsis = "[options] directory",
      .operands = 1,
      .on_error = RrrUsage::OnError::usage_on_stdout_exit_1,
      .options = {
          {"aggregator", Takes::value, "intervals, the first is the principal's (default 1h,1d,1M,1Y,Z)"},
          {"force|f", Takes::nothing, "move an existing index away and start anew"},
          {"serializer_suffix", Takes::value, "format of the index (default .yaml)"},
          {"verbose|v", Takes::count, "say how many files were found and registered"}}};
  return row;
}

namespace {

OriginSettings settings_from(const RrrArguments& arguments) {
  OriginSettings settings;
  settings.aggregator = settings::parse_list(arguments.value("aggregator").value_or("1h,1d,1M,1Y,Z"));
  settings.interval = settings.aggregator.front();
  settings.serializer_suffix = arguments.value("serializer_suffix").value_or(".yaml");
  return settings;
}

}  // namespace

int rrr_init(Words words) {
  const auto parsed = RrrArguments::parse(rrr_init_usage(), words);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& arguments = std::get<RrrArguments>(parsed);
  WriterOptions writer;
  writer.on_warning = warnings_when_verbose("init", arguments);
  const InitOptions options = {
      .force = arguments.count("force") > 0, .allow_no_z = true, .filter = {}, .state_directory = {}};
  const auto settings = settings_from(arguments);
  const auto start = system_clock().steady();
  const auto report = init_origin(arguments.operand(0), settings, options, writer);
  if (arguments.count("verbose") > 0) {
    const double took = std::chrono::duration<double>(system_clock().steady() - start).count();
    const auto principal =
        cat(arguments.operand(0), "/RECENT-", settings.interval, settings.serializer_suffix);
    std::fprintf(stderr, "Found %zu files to register in %.6f s. Writing to %s\n", report.files, took,
                 escaped(principal).c_str());
    std::fprintf(stderr, "Registered %zu files in %.6f s\n", report.files, took);
    if (report.moved_to)
      std::fprintf(stderr, "Moved the old index to %s\n", escaped(*report.moved_to).c_str());
  }
  return 0;
}

}  // namespace recentd::cli
