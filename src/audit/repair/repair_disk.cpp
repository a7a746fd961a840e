// The repair of the disk.

#include <algorithm>

#include <recentd/error.hpp>

#include "audit/repair/repair_steps.hpp"
#include "base/text.hpp"
#include "origin/writer.hpp"
#include "sys/process/process.hpp"
#include "upstream/make_transport.hpp"
#include "upstream/problem_error.hpp"
#include "upstream/source.hpp"

namespace recentd::audit {
namespace {

constexpr std::size_t k_files_in_a_call = 5000;

using What = RepairAction::What;

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
    const auto extra = report.count(Check::extra) + report.count(Check::hidden);
    guard_deletes(options_, extra, report);
    fetch_missing(report);
    remove_extra(report, extra);
    clear_leftovers(options_, report, clock_);
    return options_.writer.dry_run || !options_.check_after ? std::move(report)
                                                            : check_again(options_, clock_);
  }

 private:
  void fetch_missing(const FsckReport& report) {
    transport::FetchRequest request;
    request.destination = report.root;
    for (const auto& suspect : report.suspects) {
      if (suspect.check != Check::missing && suspect.check != Check::changed) continue;
      tell(options_, What::fetched, suspect.path);
      request.names.push_back(suspect.path);
      if (request.names.size() == k_files_in_a_call) fetch(request);
    }
    for (const auto& finding : report.content) {
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

  void remove_extra(const FsckReport& report, std::uint64_t left) {
    const sys::Dir root(report.root);
    const Bookkeeping bookkeeping(
        layout_for_repair(options_.check.tree, options_.check.filenameroot).filenameroot);
    for (const auto& suspect : report.suspects) {
      if (suspect.check != Check::extra && suspect.check != Check::hidden) continue;
      const auto path = RelPath::parse(suspect.path, bookkeeping);
      if (!path) continue;
      if (!options_.writer.dry_run && options_.confirm && !options_.confirm(suspect.path, left--)) continue;
      tell(options_, What::removed, suspect.path);
      if (options_.writer.dry_run) continue;
      root.unlink(*path);
      root.remove_empty_parents(*path);
    }
  }

  const RepairOptions& options_;
  Clock& clock_;
  upstream::SourceSpec source_;
  sys::SystemProcessRunner runner_;
  std::unique_ptr<transport::Transport> transport_;
};

}  // namespace

FsckReport repair_disk(const RepairOptions& options, const std::string& upstream, Clock& clock) {
  return DiskRepair(options, upstream, clock).run();
}

}  // namespace recentd::audit
