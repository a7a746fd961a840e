#include <cstdio>

#include "audit/audit.hpp"
#include "base/count.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "cli/finding_output.hpp"
#include "cli/json_output.hpp"
#include "cli/source_options.hpp"
#include "cli/view/progress.hpp"
#include "cli/writer_options.hpp"
#include "sys/process/signals.hpp"

namespace recentd::cli {

const Usage& verify_usage() {
  static const Usage row = {
      .command = "verify",
      .operands = "TARGET",
      .summary =
          "Audits a mirror and changes nothing: its index against the disk, the index files against each\n"
          "other, the mirror's state against both, and all of it against a source. Silent if all is well;\n"
          "ends with code 9 if something differs. What cannot be had is named, and no difference.",
      .example = "recentd verify /srv/pub --against rsync://origin.example.org/pub",
      .options =
          with_source_options({{"against", "SOURCE", "compare newest epochs and files with this source"},
                               rarely({"filenameroot", "NAME",
                                       "first part of the index files' names, where there are several sets"}),
                               rarely({"findings", "N", "show at most so many of each kind (default 100)"}),
                               {"json", nullptr, "one JSON object instead of lines"},
                               progress_option(),
                               {"verbose,v", nullptr, "tell the figures although all is well"}})};
  return row;
}

namespace {

audit::AuditOptions audit_options(const Arguments& arguments) {
  audit::AuditOptions options;
  options.tree = arguments.operand(0);
  options.filenameroot = arguments.value("filenameroot");
  options.against = arguments.value("against").value_or("");
  options.kept_max = static_cast<std::size_t>(arguments.number("findings", 100, 0));
  options.connect = source_connect(arguments);
  if (options.against.empty()) refuse_source_options(arguments, "--against");
  return options;
}

std::string figures(const audit::AuditReport& report) {
  return cat(counted(report.events, "event"), ", ", counted(report.files, "file"),
             report.gone > 0 ? ", of these " : "",
             report.gone > 0 ? cat(report.gone, " gone at the upstream") : std::string(),
             report.refused_paths > 0 ? cat(", ", counted(report.refused_paths, "event"), " passed over")
                                      : std::string());
}

void print_lines(const audit::AuditReport& report, bool verbose) {
  for (const auto& finding : report.findings.kept()) print_finding(finding);
  for (const auto& finding : report.known_missing.kept()) print_finding(finding);
  for (const auto& finding : report.left_out.kept()) print_finding(finding);
  if (verbose) std::puts(figures(report).c_str());
}

void print_json(const audit::AuditReport& report) {
  FindingsJson findings;
  for (const auto& finding : report.findings.kept()) findings.add(finding);
  for (const auto& finding : report.known_missing.kept()) findings.add(finding);
  for (const auto& finding : report.left_out.kept()) findings.add(finding);
  std::puts(JsonObject()
                .name("tree", report.root)
                .name("upstream", report.upstream)
                .boolean("clean", report.findings.total() == 0)
                .number("events", report.events)
                .number("files", report.files)
                .number("gone", report.gone)
                .number("known_missing", report.known_missing.total())
                .number("left_out", report.left_out.total())
                .number("passed_over", report.refused_paths)
                .number("differences", report.findings.total())
                .raw("findings", findings.str())
                .str()
                .c_str());
}

}  // namespace

int cmd_verify(Words words) {
  const auto arguments = Arguments::parse(verify_usage(), words);
  if (!arguments) return 0;
  set_verbosity(arguments->count("verbose"));
  const auto options = audit_options(*arguments);
  sys::install_stop_handlers();
  const auto report = with_progress(*arguments, false, [&] { return audit::audit(options, system_clock()); });
  if (arguments->has("json"))
    print_json(report);
  else
    print_lines(report, arguments->has("verbose"));
  if (report.findings.total() == 0) return 0;
  std::fflush(stdout);
  throw Error(Kind::incomplete,
              cat(counted(report.findings.total(), "difference"), " in ", quoted(report.root),
                  "; the next pass of its mirror mends what it can, and `recentd why ",
                  shell_word(report.root), "/PATH` tells of one"));
}

}  // namespace recentd::cli
