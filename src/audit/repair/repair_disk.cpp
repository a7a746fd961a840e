// The repair of the disk.

#include <algorithm>

#include <recentd/error.hpp>

#include "audit/repair/repair_steps.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "origin/writer.hpp"
#include "sys/failure.hpp"
#include "sys/process/process.hpp"
#include "target/inner_trees.hpp"
#include "upstream/make_transport.hpp"
#include "upstream/problem_error.hpp"
#include "upstream/source.hpp"

namespace recentd::audit {
namespace {

constexpr std::size_t k_files_in_a_call = 5000;

using What = RepairAction::What;

const Log k_log("fsck");

class DiskRepair {
 public:
  DiskRepair(const RepairOptions& options, const std::string& upstream, Clock& clock)
      : options_(options),
        clock_(clock),
        source_(upstream::split_source(upstream)),
        runner_(clock.stop()),
        transport_(upstream::make_transport(transport::Address::parse(source_.directory), options.connect,
                                            {.runner = runner_, .stop = clock.stop()})
                       .transport) {}

  FsckReport run() {
    refuse_mirror_target(root_of(options_.check.tree));
    auto report = fsck(options_.check, clock_);
    if (options_.on_checked) options_.on_checked(report);
    if (options_.mend_files && !report.index.empty())
      throw Error(
          Kind::corrupt,
          cat("the index of ", quoted(report.root), " is not right itself: ", report.index.front().name, ": ",
              report.index.front().detail, "; mend it with --repair=index first"),
          report.root);
    const sys::Dir root(report.root);
    target::InnerTrees inner(root);
    const auto extra = extra_in(report, inner);
    guard_deletes(options_, extra.size(), report);
    fetch_missing(report, inner);
    remove_extra(root, extra);
    clear_leftovers(options_, report, clock_);
    return options_.writer.dry_run || !options_.check_after ? std::move(report)
                                                            : check_again(options_, clock_);
  }

 private:
  // What lies in another mirror's target is that one's to write and to remove.
  bool leave_alone(const std::string& path, target::InnerTrees& inner) {
    if (!inner.cover(path)) return false;
    if (!told_)
      k_log.warning("what lies in another tree's target is left alone; mirror to there, or move it away",
                    {{"path", path}});
    told_ = true;
    return true;
  }

  std::vector<RelPath> extra_in(const FsckReport& report, target::InnerTrees& inner) {
    const Bookkeeping bookkeeping(
        layout_for_repair(options_.check.tree, options_.check.filenameroot).filenameroot);
    std::vector<RelPath> extra;
    for (const auto& suspect : report.suspects) {
      if (suspect.check != Check::extra && suspect.check != Check::hidden) continue;
      auto path = RelPath::parse(suspect.path, bookkeeping);
      if (path && !leave_alone(suspect.path, inner)) extra.push_back(std::move(*path));
    }
    return extra;
  }

  void fetch_missing(const FsckReport& report, target::InnerTrees& inner) {
    transport::FetchRequest request;
    request.destination = report.root;
    for (const auto& suspect : report.suspects) {
      if (suspect.check != Check::missing && suspect.check != Check::changed) continue;
      if (leave_alone(suspect.path, inner)) continue;
      tell(options_, What::fetched, suspect.path);
      request.names.push_back(suspect.path);
      if (request.names.size() == k_files_in_a_call) fetch(request);
    }
    for (const auto& finding : report.content) {
      if (leave_alone(finding.name, inner)) continue;
      tell(options_, What::fetched, finding.name);
      request.names.push_back(finding.name);
      request.compare = transport::FetchRequest::Compare::anew;
      if (request.names.size() == k_files_in_a_call) fetch(request);
    }
    fetch(request);
  }

  void fetch(transport::FetchRequest& request) {
    if (!request.names.empty() && !options_.writer.dry_run) {
      const auto result = transport_->fetch(request);
      if (result.problem) throw upstream::to_error(*result.problem, source_.text);
    }
    request.names.clear();
  }

  void remove_extra(const sys::Dir& root, const std::vector<RelPath>& extra) {
    auto left = static_cast<std::uint64_t>(extra.size());
    for (const auto& path : extra) {
      if (!options_.writer.dry_run && options_.confirm && !options_.confirm(path.text(), left--)) continue;
      tell(options_, What::removed, path.text());
      if (!options_.writer.dry_run) remove_one(root, path);
    }
  }

  // One that cannot be removed stops no other.
  static void remove_one(const sys::Dir& root, const RelPath& path) {
    try {
      root.unlink(path);
      root.remove_empty_parents(path);
    } catch (const Error& error) {
      if (!sys::concerns_path_alone(error)) throw;
      k_log.warning(error.what());
    }
  }

  const RepairOptions& options_;
  Clock& clock_;
  upstream::SourceSpec source_;
  sys::SystemProcessRunner runner_;
  std::unique_ptr<transport::Transport> transport_;
  bool told_ = false;  // of another tree's target
};

}  // namespace

FsckReport repair_disk(const RepairOptions& options, const std::string& upstream, Clock& clock) {
  return DiskRepair(options, upstream, clock).run();
}

}  // namespace recentd::audit
