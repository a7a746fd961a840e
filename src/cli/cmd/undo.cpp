#include "target/undo.hpp"

#include <cstdio>

#include "base/count.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "base/utc.hpp"
#include "cli/event_output.hpp"
#include "cli/json_output.hpp"
#include "cli/options.hpp"
#include "cli/view/progress.hpp"
#include "cli/writer_options.hpp"
#include "settings/values.hpp"
#include "sys/process/signals.hpp"

namespace recentd::cli {

const Usage& undo_usage() {
  static const Usage row = {
      .command = "undo",
      .operands = "TARGET [PATH...]",
      .summary =
          "Brings back what the mirror of TARGET deleted into its quarantine: all of it, or just these "
          "files\n"
          "and directories (relative to TARGET), of each the newest generation. Nothing that is there is\n"
          "replaced. WHEN is a time like 2026-11-22T10:15 (UTC), seconds since 1970, or how long ago: 90s,\n"
          "30m, 12h, 7d, 4w.",
      .example = "recentd undo /srv/pub --since 2h dists/stable",
      .options = {{"quarantine", "DIR", "where the deleted files are (default: the mirror's last one)"},
                  {"since", "WHEN", "only what was deleted then or later"},
                  {"until", "WHEN", "only what was deleted then or before"},
                  {"list", nullptr, "show what is in the quarantine and change nothing"},
                  {"json", nullptr, "with --list: a JSON object for each file"},
                  utc_option(),
                  {"force,f", nullptr, "what has a file's name now goes to the quarantine in its place"},
                  {"dry-run", nullptr, "say what would be done, change nothing"},
                  progress_option(),
                  {"verbose,v", nullptr, "say what is done"}}};
  return row;
}

namespace {

// "2026-11-22T10:15", "1700000000.5" or "2h" ago.
std::optional<Utc> when(const Arguments& arguments, const char* option) {
  const auto text = arguments.value(option);
  if (!text) return {};
  if (const auto time = parse_utc(*text)) return time;
  const auto name = cat("--", option);
  const bool is_epoch = is_plain_decimal(*text);
  const auto duration = [&] {
    try {
      return is_epoch ? std::chrono::seconds(0) + settings::parse_duration(name, *text + "s")
                      : settings::parse_duration(name, *text);
    } catch (const Error&) {
      throw Error(Kind::usage,
                  cat(name, " ", quoted(*text),
                      " is no time; write 2026-11-22T10:15 (UTC), seconds since 1970, or 12h for "
                      "12 hours ago"));
    }
  }();
  const auto whole = std::chrono::floor<std::chrono::microseconds>(duration);
  if (is_epoch) return Utc(whole);
  return std::chrono::floor<std::chrono::microseconds>(system_clock().now()) - whole;
}

void show(const target::Quarantined& file, bool json, Zone zone) {
  const auto time = json || zone == Zone::utc ? utc_text(file.deleted) : local_text(file.deleted);
  if (json) {
    std::puts(JsonObject()
                  .text("deleted", time)
                  .number("size", file.facts.size_bytes)
                  .name("path", file.path)
                  .str()
                  .c_str());
    return;
  }
  std::printf("%s %12llu %s\n", time.c_str(), static_cast<unsigned long long>(file.facts.size_bytes),
              escaped(file.path).c_str());
}

int say(const target::UndoReport& report, bool dry_run) {
  const auto line = cat(counted(report.restored, "file"), dry_run                ? " would be brought back"
                                                          : report.restored == 1 ? " is back"
                                                                                 : " are back");
  if (dry_run)
    std::puts(line.c_str());
  else
    Log("undo").info(line);
  for (const auto& path : report.examples) std::fprintf(stderr, "in the way: %s\n", escaped(path).c_str());
  for (const auto& failure : report.failures)
    std::fprintf(stderr, "cannot be brought back: %s\n", single_line(failure).c_str());
  if (report.failed > 0)
    throw Error(Kind::incomplete,
                cat(counted(report.failed, "file"), dry_run ? " would stay" : " stayed",
                    " in the quarantine; look at what is named above, and say undo again for these"));
  if (report.in_the_way == 0) return 0;
  throw Error(Kind::refused, cat(counted(report.in_the_way, "file"), dry_run ? " would not be" : " not",
                                 " brought back, because something has their name now; --force lets the two "
                                 "change places"));
}

}  // namespace

int cmd_undo(Words words) {
  const auto arguments = Arguments::parse(undo_usage(), words);
  if (!arguments) return 0;
  for (const char* name : {"force", "dry-run"})
    if (arguments->has("list") && arguments->has(name))
      throw Error(Kind::usage, cat("--", name, " does not go with --list"));
  if (arguments->has("json") && !arguments->has("list")) throw Error(Kind::usage, "--json goes with --list");
  set_verbosity(arguments->count("verbose"));
  target::UndoOptions options;
  options.target = arguments->operand(0);
  options.paths.assign(arguments->operands().begin() + 1, arguments->operands().end());
  options.quarantine = arguments->value("quarantine").value_or("");
  options.since = when(*arguments, "since");
  options.until = when(*arguments, "until");
  options.force = arguments->has("force");
  options.dry_run = arguments->has("dry-run");
  sys::install_stop_handlers();
  if (!arguments->has("list")) {
    const auto undo = [&] { return target::undo_deletes(options, system_clock()); };
    return say(with_progress(*arguments, false, undo), options.dry_run);
  }
  const bool json = arguments->has("json");
  target::list_quarantined(options, system_clock(),
                           [&](const target::Quarantined& file) { show(file, json, zone_of(*arguments)); });
  return 0;
}

}  // namespace recentd::cli
