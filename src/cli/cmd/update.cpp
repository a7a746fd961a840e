#include <algorithm>
#include <cstdio>

#include "base/count.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/update_paths.hpp"
#include "cli/update_records.hpp"
#include "cli/writer_options.hpp"
#include "origin/unfit_paths.hpp"
#include "recentfile/names.hpp"
#include "tree/tree.hpp"

namespace recentd::cli {

const Usage& update_usage() {
  static const Usage row = {
      .command = "update",
      .operands = "ROOT",
      .summary =
          "Registers changes of files in the index of ROOT, in the order of the command line. A PATH is\n"
          "relative to ROOT, or absolute below it. Without any path: cuts old events off the principal.",
      .example = "recentd update /srv/pub --new dists/a.tar.gz --delete dists/b.tar.gz",
      .options = with_writer_options(
          {{"new", "PATH", "this file is new or changed (repeatable)"},
           {"delete", "PATH", "this file is gone (repeatable)"},
           rarely({"epoch", "E", "register them at this past time; every mirror checks everything again"}),
           rarely({"missing-ok", nullptr, "register what --new names also if it is not on disk"}),
           {"stdin", nullptr, "read records from stdin: new or delete, @EPOCH if wanted, TAB, path"},
           rarely({"null,0", nullptr, "these records end in NUL, not in LF"}),
           writer_option("record"),
           writer_option("http", "with --epoch: "),
           writer_option("sig-min-size"),
           rarely({"force,f", nullptr, "write although the index disagrees with its file's name"}),
           writer_option("keep-delete-objects-forever", "with --epoch: ")})};
  return row;
}

namespace {

std::vector<UpdateRequest> requests_from(const Arguments& arguments) {
  const auto epoch = arguments.epoch("epoch");
  if (epoch) refuse_future(*epoch, system_clock());
  std::vector<UpdateRequest> requests;
  for (const auto& [key, value] : arguments.in_order()) {
    if (key != "new" && key != "delete") continue;
    if (value.empty()) throw Error(Kind::usage, cat("--", key, " needs a path"));
    requests.push_back({.path = value, .type = parse_event_type(key), .epoch = epoch});
  }
  if (!arguments.has("stdin")) {
    if (arguments.has("null")) throw Error(Kind::usage, "-0 goes with --stdin");
    if (epoch && requests.empty()) throw Error(Kind::usage, "--epoch needs a --new, --delete or --stdin");
    return requests;
  }
  auto records = RecordReader(stdin, arguments.has("null") ? '\0' : '\n', epoch).read_all();
  if (requests.empty()) return records;
  std::ranges::move(records, std::back_inserter(requests));
  return requests;
}

void remark_on(const std::vector<UpdateRequest>& requests, const std::string& root) {
  UnfitPaths unfit;
  for (const auto& request : requests) {
    if (request.type != EventType::new_) continue;
    const auto path = relative_to_root(root, request.path);
    if (path && UnfitPaths::is_unfit(*path)) unfit.note(*path);
  }
  if (const auto remark = unfit.remark()) Log("update").warning(*remark);
}

void say(const UpdateReport& report, const WriterOptions& options, const std::string& file) {
  const auto line =
      cat(options.dry_run ? "would register " : "registered ", counted(report.registered, "event"), ", ",
          options.dry_run ? "would drop " : "dropped ", report.truncated, " old ones in ", escaped(file));
  if (options.dry_run)
    std::puts(line.c_str());
  else
    Log("update").info(line);
  if (report.clamped > 0) {
    Log("update").warning(cat(report.clamped, " epochs lie in the future and became now"));
  }
}

int end(const UpdatePaths& paths, std::size_t outside, std::size_t named, const std::string& root) {
  if (const auto refused = paths.refused() + outside; refused > 0) {
    throw Error(Kind::refused, cat(refused, " of ", named, " paths cannot be registered in ", quoted(root),
                                   "; the others are"));
  }
  if (!paths.unasked()) return 0;
  throw Error(Kind::corrupt, cat(*paths.unasked(),
                                 "; the paths are registered, but if one was a directory, what the index has "
                                 "below it is not"));
}

}  // namespace

int cmd_update(Words words) {
  const auto arguments = Arguments::parse(update_usage(), words);
  if (!arguments) return 0;
  auto options = writer_options("update", *arguments);
  options.force = arguments->has("force");
  const auto named = requests_from(*arguments);
  auto origin =
      Origin::open(arguments->operand(0), options, system_clock(), arguments->value("filenameroot"));
  if (named.empty()) {
    say(origin.update(), options, origin.root() + "/" + origin.principal_file());
    return 0;
  }
  UpdatePaths paths(origin.root(), split_level_name(origin.principal_file())->filenameroot,
                    {.missing_ok = arguments->has("missing-ok"),
                     .dry_run = options.dry_run,
                     .warn = options.on_warning,
                     .tell = [](const std::string& text) { Log("update").notice(text); }});
  const auto requests = paths.expand(named);
  const auto report = origin.batch_update_and_carry(requests);
  remark_on(requests, origin.root());
  say(report, options, origin.root() + "/" + origin.principal_file());
  return end(paths, report.outside, named.size(), origin.root());
}

}  // namespace recentd::cli
