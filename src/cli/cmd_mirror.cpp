#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/mirror_run.hpp"
#include "cli/options.hpp"
#include "cli/writer_options.hpp"
#include "sys/signals.hpp"

namespace recentd::cli {

namespace {

const Usage& usage() {
  static const Usage row = {
      .command = "mirror",
      .operands = "SOURCE TARGET",
      .summary =
          "Brings the directory TARGET up to date with SOURCE, by its index; silent if all went well. SOURCE "
          "is\n"
          "host::module/dir, rsync://host:port/module/dir, user@host:/dir or a local directory, with or\n"
          "without the name of an index file behind it.",
      .example = "recentd mirror --loop rsync://mirror.example.org/pub /srv/pub",
      .options = {
          {"loop", nullptr, "follow the source until stopped"},
          {"max-files-per-connection", "N", "files in one rsync call (default 5000)"},
          {"sleep-per-connection", "S", "rest so many seconds after each rsync call (default 0)"},
          {"ttl", "S", "with --loop: poll the index after so many seconds (default 24.2)"},
          {"loopinterval", "S", "with --loop: a pass takes at least so long (default 20, or ttl if lower)"},
          {"max-rsync-errors", "N", "with --loop: end after N failures in a row (default -1: never)"},
          {"skip-deletes", nullptr, "keep files that were deleted at the source"},
          {"max-delete", "N", "if more files are to be deleted at once, delete none and end"},
          {"prune", nullptr, "remove local files that the complete index does not name"},
          {"tempdir", "DIR", "for fetched index files, on TARGET's file system (default TARGET/.recentd)"},
          {"rsync", "PROGRAM", "the rsync to run (default rsync)"},
          {"rsync-option", "NAME[=VALUE]",
           "hand this option to rsync (repeatable; dangerous ones are refused)"},
          {"rsync-timeout", "S", "rsync gives up after so many silent seconds (default 30)"},
          {"password-file", "FILE", "the daemon's password; otherwise RSYNC_PASSWORD is used"},
          {"no-ignore-link-stat-errors", nullptr, "a file that vanished at the source is an error"},
          {"path", "P", "only this file, no index (repeatable)"},
          {"after", "E", "only events after this epoch; the index is not published"},
          {"before", "E", "only events before this epoch; likewise"},
          {"max", "N", "only the newest N events of each level; likewise"},
          {"fsync", "POLICY", "full (default): a power cut loses nothing that counts as done; data; none"},
          {"reset-state", nullptr, "forget what was done before and compare everything"},
          {"verbose,v", nullptr, "say what is done"},
          {"verboselog", "FILE", "say it in this file (appended) instead of stderr"}}};
  return row;
}

void take_connection_options(const Arguments& arguments, MirrorOptions& options) {
  options.rsync_program = arguments.value("rsync").value_or(options.rsync_program);
  options.rsync_options = arguments.values("rsync-option");
  options.rsync_timeout =
      std::chrono::seconds(arguments.number("rsync-timeout", options.rsync_timeout.count(), 1));
  if (const auto file = arguments.value("password-file")) options.password = read_password_file(*file);
  options.max_files_per_connection = static_cast<std::size_t>(arguments.number(
      "max-files-per-connection", static_cast<std::int64_t>(options.max_files_per_connection), 1));
  options.sleep_per_connection = arguments.seconds("sleep-per-connection", options.sleep_per_connection);
  options.max_rsync_errors = arguments.number("max-rsync-errors", options.max_rsync_errors, -1);
  options.ttl = arguments.seconds("ttl", options.ttl);
  if (arguments.has("loopinterval")) options.loopinterval = arguments.seconds("loopinterval", {});
}

MirrorOptions mirror_options(const Arguments& arguments) {
  MirrorOptions options;
  options.source = arguments.operand(0);
  options.target = arguments.operand(1);
  take_connection_options(arguments, options);
  options.skip_deletes = arguments.has("skip-deletes");
  if (arguments.has("max-delete")) {
    options.max_delete = static_cast<std::uint64_t>(arguments.number("max-delete", 0, 0));
  }
  options.prune = arguments.has("prune");
  options.ignore_link_stat_errors = !arguments.has("no-ignore-link-stat-errors");
  options.reset_state = arguments.has("reset-state");
  options.after = arguments.epoch("after");
  options.before = arguments.epoch("before");
  options.max_events = static_cast<std::size_t>(arguments.number("max", 0, 0));
  options.tempdir = arguments.value("tempdir").value_or("");
  options.fsync = parse_fsync(arguments);
  return options;
}

// Options that would be without effect are refused rather than ignored.
void refuse_contradictions(const Arguments& arguments) {
  const bool loop = arguments.has("loop");
  for (const char* name : {"ttl", "loopinterval", "max-rsync-errors"}) {
    if (arguments.has(name) && !loop) throw Error(Kind::usage, cat("--", name, " goes with --loop"));
  }
  if (!arguments.has("path")) return;
  for (const char* name : {"loop", "after", "before", "max", "skip-deletes", "max-delete", "prune"}) {
    if (arguments.has(name)) throw Error(Kind::usage, cat("--", name, " does not go with --path"));
  }
}

void say(const MirrorReport& report) {
  Log("mirror").info(cat(report.up_to_date ? "up to date" : "done", ": ", report.transferred,
                         " files transferred, ", report.unchanged, " unchanged, ", report.deleted,
                         " deleted, ", report.gone, " gone, ", report.skipped, " skipped, ",
                         report.connections, " connections"));
}

}  // namespace

int cmd_mirror(Words words) {
  const auto arguments = Arguments::parse(usage(), words);
  if (!arguments) return 0;
  refuse_contradictions(*arguments);
  const bool verbose = arguments->has("verbose") || arguments->has("verboselog");
  set_verbosity(arguments->count("verbose"));
  const auto options = mirror_options(*arguments);
  sys::install_stop_handlers();
  VerboseObserver observer(verbose ? VerboseObserver::Output::everything : VerboseObserver::Output::nothing,
                           absolute(options.target), arguments->value("verboselog").value_or(""));
  Mirror mirror(options, system_clock(), observer);
  if (arguments->has("loop")) {
    mirror.run_loop();
  } else if (arguments->has("path")) {
    say(mirror.fetch_paths(arguments->values("path")));
  } else {
    try {
      say(mirror.run_once());
    } catch (const Error&) {
      print_missing(mirror.last_report());
      throw;
    }
  }
  return 0;
}

}  // namespace recentd::cli
