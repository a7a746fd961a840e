#include <cstdio>
#include <map>

#include "audit/fsck.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/json_output.hpp"
#include "cli/options.hpp"
#include "cli/writer_options.hpp"
#include "sys/signals.hpp"

namespace recentd::cli {

namespace {

const Usage& usage() {
  static const Usage row = {
      .command = "fsck",
      .operands = "ROOT",
      .summary =
          "Compares a tree with its index both ways, and the index files with each other. Silent if all is\n"
          "well. Ends with code 4 if something is wrong with the index files, with 9 if only files differ.\n"
          "The tree may change meanwhile: what differs is looked at again before it is told.",
      .example = "recentd fsck /srv/pub --json",
      .options = {
          {"filenameroot", "NAME", "first part of the index files' names, where there are several sets"},
          {"findings", "N", "show at most so many of each kind (default 100)"},
          {"json", nullptr, "one JSON object instead of lines"},
          {"settle", "S", "look again after so many seconds at what differs (default 5)"},
          {"threads", "N", "read the tree with so many threads (default: one for each processor)"},
          {"verbose,v", nullptr, "tell the figures although all is well"}}};
  return row;
}

audit::FsckOptions fsck_options(const Arguments& arguments) {
  audit::FsckOptions options;
  options.tree = arguments.operand(0);
  options.filenameroot = arguments.value("filenameroot");
  options.settle = arguments.seconds("settle", options.settle);
  options.threads = static_cast<unsigned>(arguments.number("threads", 0, 0));
  return options;
}

// At most `most` of each kind.
void for_each_shown(const audit::FsckReport& report, std::uint64_t most,
                    const std::function<void(const audit::Finding&)>& each) {
  std::map<audit::Check, std::uint64_t> shown;
  audit::for_each_finding(report, [&](const audit::Finding& finding) {
    if (++shown[finding.check] <= most) each(finding);
  });
}

void print_lines(const audit::FsckReport& report, std::uint64_t most, bool verbose) {
  for_each_shown(report, most, [](const audit::Finding& finding) {
    std::printf("%-8s %s%s%s\n", std::string(to_string(finding.check)).c_str(), escaped(finding.name).c_str(),
                finding.name.empty() ? "" : ": ", single_line(finding.detail).c_str());
  });
  if (!verbose) return;
  std::puts(cat(escaped(report.root), ": ", report.files_on_disk, " files on disk, ", report.files_in_index,
                " in the index, ", report.events, " events, ", report.total(), " findings, ", report.busy,
                " paths too busy to judge")
                .c_str());
}

void print_json(const audit::FsckReport& report, std::uint64_t most) {
  std::string findings;
  for_each_shown(report, most, [&](const audit::Finding& finding) {
    findings += (findings.empty() ? "" : ",\n  ") + JsonObject()
                                                        .text("check", to_string(finding.check))
                                                        .name("name", finding.name)
                                                        .text("detail", single_line(finding.detail))
                                                        .str();
  });
  std::puts(JsonObject()
                .name("tree", report.root)
                .boolean("clean", report.total() == 0)
                .number("files_on_disk", report.files_on_disk)
                .number("files_in_index", report.files_in_index)
                .number("events", report.events)
                .number("passed_over", report.passed_over)
                .number("nameless", report.nameless)
                .number("busy", report.busy)
                .number("differences", report.total())
                .raw("findings", "[" + findings + "]")
                .str()
                .c_str());
}

[[noreturn]] void fail_with(const audit::FsckReport& report) {
  std::fflush(stdout);
  const auto index = report.index.size();
  if (index > 0)
    throw Error(Kind::corrupt, cat(index, " findings in the index files of ", quoted(report.root), ", ",
                                   report.total() - index, " others"));
  throw Error(Kind::incomplete, cat(report.total(), " differences in ", quoted(report.root)));
}

}  // namespace

int cmd_fsck(Words words) {
  const auto arguments = Arguments::parse(usage(), words);
  if (!arguments) return 0;
  set_verbosity(arguments->count("verbose"));
  const auto options = fsck_options(*arguments);
  const auto most = static_cast<std::uint64_t>(arguments->number("findings", 100, 0));
  sys::install_stop_handlers();
  const auto report = audit::fsck(options, system_clock());
  if (arguments->has("json"))
    print_json(report, most);
  else
    print_lines(report, most, arguments->has("verbose"));
  if (report.total() > 0) fail_with(report);
  return 0;
}

}  // namespace recentd::cli
