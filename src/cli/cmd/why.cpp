#include "audit/why.hpp"

#include <cstdio>

#include <recentd/clock.hpp>

#include "base/count.hpp"
#include "base/duration.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "base/utc.hpp"
#include "cli/event_output.hpp"
#include "cli/json_output.hpp"
#include "cli/options.hpp"
#include "cli/tree_name.hpp"
#include "tree/tree.hpp"

namespace recentd::cli {

namespace {

using audit::PathFacts;
using audit::PathInLevel;

}  // namespace

const Usage& why_usage() {
  static const Usage row = {
      .command = "why",
      .operands = "PATH...",
      .summary =
          "Tells everything that is known of a PATH: its events in each index, what the mirror did with it,\n"
          "whether it is on disk, and why. The tree is the nearest directory above PATH with an index.",
      .example = "recentd why /srv/mirror/pub/dists/a.tar.gz",
      .options = {{"root", "ROOT", "the tree; PATH is then relative to it, or absolute below it"},
                  rarely({"filenameroot", "NAME", "first part of the index files' names (default RECENT)"}),
                  utc_option(),
                  {"json", nullptr, "a JSON object for each path"},
                  {"verbose,v", nullptr, "with the epochs that index files have for times"}}};
  return row;
}

namespace {

// How times are told.
struct Times {
  explicit Times(const Arguments& arguments)
      : zone(zone_of(arguments)),
        epochs(arguments.has("verbose")),
        now_s(std::chrono::floor<std::chrono::seconds>(system_clock().now()).time_since_epoch().count()) {}

  // "2026-11-22T10:15:00.123450Z (2 h ago)"
  [[nodiscard]] std::string text(const EpochView& epoch) const {
    const auto all = time_text(epoch, zone) + ago(epoch.key.seconds);
    return epochs ? cat(all, ", epoch ", escaped(epoch.text)) : all;
  }
  [[nodiscard]] std::string text(const sys::FileFacts& file) const {
    const auto time =
        Utc(std::chrono::seconds(file.mtime_s)) + std::chrono::microseconds(file.mtime_ns / 1000);
    return (zone == Zone::utc ? utc_text(time) : local_text(time)) + ago(file.mtime_s);
  }
  [[nodiscard]] std::string ago(std::int64_t then_s) const {
    return then_s > now_s ? std::string() : cat(" (", duration_text(now_s - then_s), " ago)");
  }

  Zone zone;
  bool epochs;
  std::int64_t now_s;
};

std::string disk_text(const PathFacts& facts, const Times& times) {
  if (!facts.on_disk) return "nothing there";
  const auto time = times.text(*facts.on_disk);
  switch (facts.on_disk->type) {
    case sys::FileType::regular:
      return cat("a file of ", facts.on_disk->size_bytes, " bytes of ", time);
    case sys::FileType::symlink:
      return cat("a symbolic link of ", time);
    case sys::FileType::directory:
      return "a directory";
    default:
      return "neither file, link nor directory";
  }
}

std::vector<std::string> lines_of(const PathInLevel& level, const Times& times) {
  const auto file = escaped(level.file) + ": ";
  if (level.what == PathInLevel::What::missing) return {file + "there is no such file"};
  if (level.what == PathInLevel::What::broken) return {file + level.trouble};
  if (level.events.empty()) return {file + "nothing"};
  std::vector<std::string> lines;
  for (const Event& event : level.events) {
    const auto type = event.type == EventType::other ? event.other_type : std::string(to_string(event.type));
    std::string line = cat(file, escaped(type), " at ", times.text(event.epoch.view()));
    for (const auto& [key, value] : event.extras) line += cat(", ", escaped(key), " ", escaped(value));
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::vector<std::string> lines_of(const audit::PathInState& state, const Times& times) {
  std::vector<std::string> lines = {cat("mirror of ", escaped(state.source))};
  if (!state.done.empty()) lines.push_back(cat("mirror: worked off in ", joined(state.done)));
  if (!state.open.empty()) lines.push_back(cat("mirror: still to work off in ", joined(state.open)));
  if (state.pending_delete)
    lines.push_back(cat("mirror: has to delete it by the event of ",
                        times.text(state.pending_delete->epoch.view()), " in ",
                        state.pending_delete->interval));
  if (state.missing)
    lines.push_back(cat("mirror: ", state.missing->known ? "known to be missing" : "could not be had",
                        ", looked for ", state.missing->rounds, " times: ", state.missing->reason));
  return lines;
}

void show(const PathFacts& facts, const Times& times) {
  std::printf("%s in %s\n", escaped(facts.path).c_str(), escaped(facts.root).c_str());
  std::printf("  disk: %s\n", disk_text(facts, times).c_str());
  for (const auto* levels : {&facts.levels, &facts.fetched})
    for (const auto& level : *levels)
      for (const auto& line : lines_of(level, times)) std::printf("  %s\n", line.c_str());
  if (facts.state)
    for (const auto& line : lines_of(*facts.state, times)) std::printf("  %s\n", line.c_str());
  std::printf("  %s\n", audit::why_text(facts).c_str());
}

std::string json_list(const std::vector<std::string>& items) {
  return "[" + joined(items) + "]";
}

std::string json_of(const PathInLevel& level) {
  std::vector<std::string> events;
  for (const Event& event : level.events) events.push_back(event_json(event));
  JsonObject object;
  object.text("interval", level.interval).name("file", level.file);
  if (level.what == PathInLevel::What::missing) object.boolean("missing", true);
  if (level.what == PathInLevel::What::broken) object.name("broken", level.trouble);
  return object.raw("events", json_list(events)).str();
}

std::string json_of(const audit::PathInState& state) {
  std::vector<std::string> done, open;
  for (const auto& interval : state.done) done.push_back(json_quoted(escaped(interval)));
  for (const auto& interval : state.open) open.push_back(json_quoted(escaped(interval)));
  JsonObject object;
  object.name("source", state.source).raw("done", json_list(done)).raw("open", json_list(open));
  object.boolean("pending_delete", state.pending_delete.has_value());
  if (state.missing)
    object.boolean("gone", state.missing->known && state.missing->absent)
        .boolean("known_missing", state.missing->known)
        .number("failures", state.missing->rounds)
        .text("reason", state.missing->reason);
  return object.str();
}

void show_json(const PathFacts& facts) {
  std::vector<std::string> levels;
  for (const auto* group : {&facts.levels, &facts.fetched})
    for (const auto& level : *group) levels.push_back(json_of(level));
  JsonObject object;
  object.name("path", facts.path).name("root", facts.root).boolean("on_disk", facts.on_disk.has_value());
  if (facts.on_disk && facts.on_disk->type == sys::FileType::regular)
    object.number("size", facts.on_disk->size_bytes);
  object.raw("indexes", json_list(levels));
  if (facts.state) object.raw("mirror", json_of(*facts.state));
  std::puts(object.text("verdict", audit::why_text(facts)).str().c_str());
}

}  // namespace

int cmd_why(Words words) {
  const auto arguments = Arguments::parse(why_usage(), words);
  if (!arguments) return 0;
  const auto root = arguments->value("root");
  for (const auto& path : arguments->operands()) {
    const auto tree = tree_name(root ? *root : audit::tree_above(path), arguments->value("filenameroot"));
    const auto facts = audit::look_at_path(tree, root ? path : absolute_path(path));
    for (const auto& warning : facts.warnings) Log("why").warning(warning);
    arguments->has("json") ? show_json(facts) : show(facts, Times(*arguments));
  }
  return 0;
}

}  // namespace recentd::cli
