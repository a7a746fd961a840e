#include "audit/promote.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "audit/audit.hpp"
#include "audit/tree_audit.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "origin/old_set.hpp"
#include "sys/file/bytes.hpp"
#include "sys/tree/remove_tree.hpp"
#include "target/generations/owed_changes.hpp"
#include "target/promotion.hpp"
#include "target/target_lock.hpp"

namespace recentd::audit {
namespace {

constexpr const char* k_state_files[] = {"state.new", "state.old", "state"};  // the one that counts last
// What else a mirror keeps for itself and can make again. Anything else there is somebody's, and the note of
// where the quarantine is may be wanted still.
constexpr const char* k_working_files[] = {
    "lock",   "holder", "accepted",  "index",         "incoming",   "probe",           "parts",
    "blocks", "own",    "chmod",     "keep-dirlinks", "unfinished", "unfinished.boot", "status",
    "turn",   "bell",   "overtaking"};

// What makes a mirror unfit to be an origin: what an index promises and the disk has not, and what is still
// to be done. Files that no index names do no harm.
bool counts(Check check) {
  return check != Check::extra && check != Check::source;
}

std::vector<std::string> problems_of(const AuditReport& report, const TreeAudit& tree,
                                     const std::string& root) {
  std::vector<std::string> lines;
  for (const auto& [link, directory] : tree.followed_links())
    lines.push_back(cat("an origin does not follow the link ", quoted(link), " to ", quoted(directory),
                        ", so all behind it would be told as deleted; replace it by the directory or a mount "
                        "(mount --bind ",
                        escaped(directory), " ", escaped(root), "/", escaped(link), ")"));
  for (const auto& finding : report.findings.kept())
    if (counts(finding.check) && lines.size() < 100)
      lines.push_back(
          cat(to_string(finding.check), " ", finding.name, finding.name.empty() ? "" : ": ", finding.detail));
  if (lines.empty() && !report.complete) lines.emplace_back("the mirror has no state of its own");
  return lines;
}

std::vector<std::string> lines_of(const Findings& findings) {
  std::vector<std::string> lines;
  for (const auto& finding : findings.kept()) lines.push_back(cat(finding.name, ": ", finding.detail));
  return lines;
}

void remove_working_files(const std::string& place) {
  for (const char* name : k_working_files)
    for (const char* suffix : {"", ".new"}) sys::remove_whatever(cat(place, "/", name, suffix));
  sys::remove_whatever(cat(place, "/", target::k_promotion_name, ".new"));
  // What an origin changes is not noted for a published set.
  target::OwedChanges(place, {}).note_all();
}

bool has_working_files(const std::string& place) {
  return std::ranges::any_of(
      k_working_files, [&](const char* name) { return sys::lstat_path(cat(place, "/", name)).has_value(); });
}

// One that was broken off behind its last important step.
PromoteReport finish(const TreeLayout& layout, const std::string& place, const PromoteOptions& options,
                     Clock& clock) {
  const auto noted = target::noted_promotion(layout.root);
  if (!noted)
    throw Error(
        Kind::missing,
        cat(quoted(layout.root), " is no mirror's target, so there is nothing to promote; `recentd init ",
            shell_word(layout.root), "` makes any tree an origin"),
        layout.root);
  if (!has_working_files(place))
    throw Error(Kind::missing,
                cat(quoted(layout.root), " was promoted at ", noted->since, " already; it is an origin"),
                layout.root);
  const target::TargetLock lock(layout.root, place, clock);
  PromoteReport report{.root = layout.root, .upstream = noted->upstream};
  if (const auto level = read_principal(layout.file(0), Reader::mirror))
    if (const auto newest = level->newest()) report.newest = Epoch(*newest);
  report.kept_in = state_directory(layout.root, options.state_directory);
  if (!options.dry_run) remove_working_files(place);
  return report;
}

// The state, and with it where the tree came from, stays to be read by a person.
std::string keep_state(const std::string& root, const std::string& configured, Clock& clock) {
  const auto directory = state_directory(root, configured);
  std::vector<std::string> files;
  for (const char* name : k_state_files)
    if (sys::lstat_path(root + "/.recentd/" + name)) files.emplace_back(name);
  return move_set_away(root + "/.recentd", files, directory, clock);
}

}  // namespace

PromoteReport promote(const PromoteOptions& options, Clock& clock) {
  const auto layout = open_tree(options.target);
  const auto place = layout.root + "/.recentd";
  if (!sys::lstat_path(place + "/state")) return finish(layout, place, options, clock);
  const target::TargetLock lock(layout.root, place, clock);
  AuditReport found{.root = layout.root, .upstream = {}, .findings = Findings(100)};
  found.left_out = Findings(100);
  found.known_missing = Findings(100);
  TreeAudit tree(layout, found);
  tree.run();
  PromoteReport report{.root = layout.root,
                       .upstream = found.upstream,
                       .newest = tree.levels().front().newest,
                       .problems = problems_of(found, tree, layout.root),
                       .known_missing = lines_of(found.known_missing),
                       .left_out = lines_of(found.left_out)};
  if (!report.problems.empty() && !options.force)
    throw Error(Kind::refused,
                cat("mirror ", quoted(layout.root), " is not fit to be an origin: ", report.problems.front(),
                    "; `recentd verify` shows all. Mirror once more, or add --force"),
                layout.root);
  if (options.dry_run) return report;
  // As long as the state is there, too, it does not count.
  target::note_promotion(layout.root, found.upstream, clock);
  report.kept_in = keep_state(layout.root, options.state_directory, clock);
  // From here on it is an origin; the rest is of no use to one.
  remove_working_files(place);
  return report;
}

}  // namespace recentd::audit
