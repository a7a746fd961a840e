#include "audit/audit.hpp"

#include "audit/source/source_audit.hpp"
#include "audit/tree_audit.hpp"
#include "sys/tree/dir.hpp"
#include "target/target_lock.hpp"

namespace recentd::audit {
namespace {

constexpr int k_looks = 3;

// Names the index files that stand there now.
std::string identity(const TreeLayout& layout) {
  std::string text;
  for (std::size_t i = 0; i < layout.levels.size(); ++i) {
    const auto facts = sys::lstat_path(layout.file(i).path());
    text += facts ? std::to_string(facts->inode) + "." + std::to_string(facts->mtime_ns) + " " : "- ";
  }
  return text;
}

}  // namespace

AuditReport audit(const AuditOptions& options, Clock& clock) {
  for (int look = 1;; ++look) {
    const auto layout = open_tree(options.tree, options.filenameroot);
    AuditReport report{.root = layout.root, .upstream = {}, .findings = Findings(options.kept_max)};
    report.left_out = Findings(options.kept_max);
    report.known_missing = Findings(options.kept_max);
    const auto before = identity(layout);
    TreeAudit tree(layout, report);
    tree.run();
    const bool moving =
        identity(layout) != before || target::process_at_work(layout.root + "/.recentd").has_value();
    if (report.findings.total() > 0 && moving && look < k_looks && !clock.stop().requested()) {
      clock.sleep_for(std::chrono::seconds(1));
      continue;
    }
    if (!options.against.empty()) check_source(options, layout, tree, clock, report);
    return report;
  }
}

}  // namespace recentd::audit
