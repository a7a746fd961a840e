#include "audit/source/source_audit.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <recentd/error.hpp>
#include <recentd/mirror_options.hpp>

#include "audit/source/web_comparison.hpp"
#include "base/directories.hpp"
#include "base/text.hpp"
#include "sys/file/bytes.hpp"
#include "sys/process/process.hpp"
#include "sys/tree/temp_directory.hpp"
#include "target/kept_links.hpp"
#include "upstream/index_cache.hpp"
#include "upstream/make_transport.hpp"
#include "upstream/problem_error.hpp"
#include "upstream/rsync_settings.hpp"
#include "upstream/source.hpp"

namespace recentd::audit {
namespace {

using transport::RsyncTransport;

void demand(const std::optional<transport::Problem>& problem, const std::string& source) {
  if (problem) throw upstream::to_error(*problem, source);
}

std::string seconds_between(const Epoch& a, const Epoch& b) {
  return std::to_string(a.key().seconds - b.key().seconds);
}

void compare_level(const LevelReading& ours, const upstream::LevelFacts& theirs, bool partial,
                   Findings& findings) {
  if (!partial && !same_dirtymark(ours.dirtymark, theirs.dirtymark)) {
    findings.add(Check::source, ours.file,
                 cat("has the dirtymark ", ours.dirtymark.value_or("(none)"), " here, ",
                     theirs.dirtymark.value_or("(none)"), " at the source"));
    return;
  }
  if (!theirs.newest || (ours.newest && *ours.newest == *theirs.newest)) return;
  if (!ours.newest || *ours.newest < *theirs.newest)
    findings.add(Check::source, ours.file,
                 ours.newest ? cat("is ", seconds_between(*theirs.newest, *ours.newest),
                                   " s behind the source: its newest event is ", ours.newest->text(),
                                   " here, ", theirs.newest->text(), " there")
                             : "has no event here");
  else
    findings.add(Check::source, ours.file,
                 cat("is newer than the source's: its newest event is ", ours.newest->text(), " here, ",
                     theirs.newest->text(), " there"));
}

void compare_indexes(const std::string& source, transport::Transport& transport,
                     const std::vector<LevelReading>& levels, bool partial, Findings& findings) {
  const sys::TempDirectory scratch(sys::temp_place() + "/recentd-index-");
  transport::FetchRequest request;
  for (const auto& level : levels) request.names.push_back(level.file);
  request.destination = scratch.path();
  request.kind = transport::FetchRequest::Kind::index;
  request.max_file_bytes = ConnectOptions{}.max_index_size;
  const auto result = transport.fetch(request);
  demand(result.problem, source);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto& level = levels[i];
    const auto path = scratch.path() + "/" + level.file;
    if (result.outcomes[i] == transport::Outcome::skipped_size) {
      findings.add(Check::source, level.file, "is larger at the source than any index should be");
      continue;
    }
    const auto facts = sys::lstat_path(path);
    if (!facts || facts->type != sys::FileType::regular) {
      if (level.exists) findings.add(Check::source, level.file, "is not at the source");
      continue;
    }
    if (!level.exists) {
      findings.add(Check::source, level.file, "is at the source, and missing here");
      continue;
    }
    const auto name = split_level_name(level.file);
    const auto format = codec::format_of_suffix(name->suffix);
    if (level.readable && format)
      compare_level(level, upstream::inspect(sys::read_file(path), *format, path), partial, findings);
  }
}

const char* detail_of(RsyncTransport::Difference::What what) {
  switch (what) {
    case RsyncTransport::Difference::What::only_there:
      return "is at the source, and missing here";
    case RsyncTransport::Difference::What::only_here:
      return "is here, and not at the source";
    case RsyncTransport::Difference::What::differs:
    case RsyncTransport::Difference::What::unknown:  // rsync tells nothing of the kind
      break;
  }
  return "differs from the source's by size or time";
}

// Compares the files. Behind a link in a directory's place that the mirror follows, which rsync does not,
// they are compared by themselves.
class FileComparison {
 public:
  // What is in `other_trees`, directories below the root, does not count.
  FileComparison(const AuditOptions& options, const TreeLayout& layout,
                 const std::set<std::string>& other_trees, sys::ProcessRunner& runner, Findings& findings)
      : options_(options),
        other_trees_(other_trees),
        root_(layout.root),
        bookkeeping_(layout.filenameroot),
        runner_(runner),
        findings_(findings) {
    if (target::keeps_links(layout.root)) root_.follow_links();
  }

  void run() {
    const auto source = upstream::split_source(options_.against).directory;
    links_.emplace("", root_.path());
    // A comparison may find further ones.
    for (std::string link; links_.contains(link);) {
      compare(link.empty() ? source : cat(source, source.ends_with('/') ? "" : "/", link), link);
      done_.insert(link);
      const auto next =
          std::ranges::find_if(links_, [&](const auto& each) { return !done_.contains(each.first); });
      if (next == links_.end()) break;
      link = next->first;
    }
  }

 private:
  void compare(const std::string& source, const std::string& link) {
    RsyncTransport rsync(transport::Address::parse(source), upstream::rsync_settings(options_.connect),
                         runner_);
    demand(rsync.compare(links_.at(link),
                         [&](const RsyncTransport::Difference& difference) {
                           const auto name = link.empty() ? difference.name : cat(link, "/", difference.name);
                           if (!bookkeeping_.owns(name) && !is_anothers(name) && !is_elsewhere(name, link))
                             findings_.add(Check::source, name, detail_of(difference.what));
                         }),
           source);
  }

  [[nodiscard]] bool is_anothers(const std::string& name) const {
    return std::ranges::any_of(other_trees_,
                               [&](const std::string& directory) { return is_inside(name, directory); });
  }

  // Behind another link than this one, or a link itself.
  bool is_elsewhere(const std::string& name, const std::string& link) {
    const auto path = root_.links() != nullptr ? RelPath::parse(name, bookkeeping_) : std::nullopt;
    if (!path) return false;
    const auto facts = root_.lstat(*path);
    const auto above = root_.links()->above(name);
    if (above && above->first != link) return links_.insert(*above), true;
    return facts && facts->type == sys::FileType::symlink && root_.below(*path);
  }

  const AuditOptions& options_;
  const std::set<std::string>& other_trees_;
  sys::Dir root_;
  Bookkeeping bookkeeping_;
  sys::ProcessRunner& runner_;
  Findings& findings_;
  std::map<std::string, std::string> links_;  // and where they lead; "": the root
  std::set<std::string> done_;
};

}  // namespace

void check_source(const AuditOptions& options, const TreeLayout& layout, const TreeAudit& tree, Clock& clock,
                  AuditReport& report) {
  auto& findings = report.findings;
  sys::SystemProcessRunner runner(clock.stop());
  const auto spec = upstream::split_source(options.against);
  const auto address = transport::Address::parse(spec.directory);
  const auto made =
      upstream::make_transport(address, options.connect, {.runner = runner, .stop = clock.stop()});
  compare_indexes(spec.text, *made.transport, tree.levels(), report.partial, findings);
  if (address.kind == transport::Address::Kind::http)
    compare_over_web(options, layout, tree.other_trees(), clock, findings);
  else
    FileComparison(options, layout, tree.other_trees(), runner, findings).run();
}

}  // namespace recentd::audit
