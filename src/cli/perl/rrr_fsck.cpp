#include <algorithm>
#include <cstdio>
#include <iostream>

#include "audit/repair/repair.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/perl/rrr_options.hpp"
#include "sys/process/signals.hpp"
#include "sys/tree/dir.hpp"
#include "tree/tree.hpp"

namespace recentd::cli {

namespace {

using audit::Check;

// The reference does not look again at all.
constexpr auto k_settle = std::chrono::milliseconds(500);

}  // namespace

const RrrUsage& rrr_fsck_usage() {
  using Takes = RrrOption::Takes;
  static const RrrUsage row = {
      .program = "rrr-fsck",
      .synopsis = "[options] principalfile",
      .operands = 1,
      .on_error = RrrUsage::OnError::usage_on_stdout_exit_1,
      .options = {{"check", Takes::nothing, "change nothing; end with 1 if something differs"},
                  {"dirty", Takes::nothing, "register files at their mtimes (the reference's way)"},
                  {"dry-run|n", Takes::nothing, "say what would be done, change nothing"},
                  {"remoteroot", Takes::value, "the index is right: fetch files from there, remove others"},
                  {"verbose|v", Takes::count, "show the counters on standard output as well"},
                  {"yes|y", Takes::nothing, "with --remoteroot: remove without asking"}}};
  return row;
}

namespace {

void print_counts(const audit::FsckReport& report) {
  const std::pair<const char*, std::uint64_t> rows[] = {
      {"diskfiles:", report.files_on_disk},
      {"indexfiles:", report.files_in_index},
      {"missing on disk:", report.count(Check::missing) + report.count(Check::type)},
      {"missing in index:", report.count(Check::extra) + report.count(Check::hidden)}};
  std::uint64_t largest = 0;
  for (const auto& row : rows) largest = std::max(largest, row.second);
  const int width = static_cast<int>(std::to_string(largest).size());
  for (const auto& [name, count] : rows)
    std::fprintf(stderr, "%-17s %*s\n", name, width, std::to_string(count).c_str());
}

// A young tree has not all levels yet; the reference says so each time.
void warn_of_missing_levels(const std::string& tree) {
  const auto layout = open_tree(tree);
  std::string missing;
  for (std::size_t i = 0; i < layout.levels.size(); ++i)
    if (const auto path = layout.file(i).path(); !sys::stat_path(path)) missing += cat(" ", escaped(path));
  if (!missing.empty()) std::fprintf(stderr, "Warning: missing index files%s\n", missing.c_str());
}

void print_progress(const audit::FsckReport& report) {
  const auto number = [](std::uint64_t count) { return static_cast<unsigned long long>(count); };
  std::printf("\n\r%8llu files and symlinks checked on disk\n", number(report.files_on_disk));
  std::printf("\rChecking index\r%8llu entries read from index\n", number(report.events));
  std::printf("\r%8llu file objects found in index\n", number(report.files_in_index));
  std::fflush(stdout);
}

// What is said of a path, for a plan and for the deed.
const char* words_for(audit::RepairAction::What what, bool dry_run, bool asks) {
  using What = audit::RepairAction::What;
  switch (what) {
    case What::deleted_event:
      return dry_run ? "Would remove from indexfile " : "Removing from indexfile: ";
    case What::new_event:
      return dry_run ? "Would add to indexfile " : "Adding to indexfile: ";
    case What::fetched:
      return dry_run ? "Would fetch " : "Fetching ";
    case What::removed:
      return dry_run ? "Would remove " : asks ? "Removing " : "Going to unlink ";
    case What::cleared:
      return dry_run ? "Would remove " : "Removing ";
    case What::index_file:
      break;
  }
  return "";
}

// The default answer is yes, the end of the input is no.
bool ask(const std::string& path) {
  std::cerr << "Unlink " << quoted(path) << "? [y] " << std::flush;
  std::string line;
  return std::getline(std::cin, line) && (line.empty() || line == "y" || line == "yes");
}

}  // namespace

int rrr_fsck(Words words) {
  const auto parsed = RrrArguments::parse(rrr_fsck_usage(), words);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  const auto& arguments = std::get<RrrArguments>(parsed);
  const bool dry_run = arguments.count("dry-run") + arguments.count("check") > 0;
  const bool verbose = arguments.count("verbose") > 0;
  audit::RepairOptions options;
  options.check.tree = arguments.operand(0);
  options.writer.dry_run = dry_run;
  options.writer.on_warning = warnings_when_verbose("fsck", arguments);
  options.mend_files = options.check_after = false;
  options.check.settle = k_settle;
  options.dirty = arguments.count("dirty") > 0;
  const bool asks = arguments.count("yes") == 0;
  if (asks) options.confirm = [](const std::string& path, std::uint64_t) { return ask(path); };
  std::string root;
  std::uint64_t differences = 0;
  options.on_checked = [&](const audit::FsckReport& report) {
    root = report.root;
    differences = report.suspects.size();
    if (verbose) print_progress(report);
    warn_of_missing_levels(arguments.operand(0));
    print_counts(report);
  };
  options.on_action = [&](const audit::RepairAction& action) {
    std::fprintf(stderr, "%s%s/%s\n", words_for(action.what, dry_run, asks), escaped(root).c_str(),
                 escaped(action.text).c_str());
  };
  sys::install_stop_handlers();
  if (const auto remote = arguments.value("remoteroot"))
    audit::repair_disk(options, *remote, system_clock());
  else
    audit::repair_index(options, "", system_clock());
  return arguments.count("check") > 0 && differences > 0 ? 1 : 0;
}

}  // namespace recentd::cli
