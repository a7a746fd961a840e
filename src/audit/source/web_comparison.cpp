#include "audit/source/web_comparison.hpp"

#include <algorithm>

#include "audit/fetched_set.hpp"
#include "audit/index_view.hpp"
#include "base/directories.hpp"
#include "base/text.hpp"
#include "sys/process/process.hpp"
#include "target/kept_links.hpp"
#include "upstream/make_transport.hpp"
#include "upstream/problem_error.hpp"
#include "upstream/source.hpp"

namespace recentd::audit {
namespace {

using Difference = transport::Comparer::Difference;

constexpr std::size_t k_files_in_a_call = 5000;

std::string detail_of(const Difference& difference) {
  switch (difference.what) {
    case Difference::What::only_there:
      return "is at the source, and missing here";
    case Difference::What::only_here:
      return "is here, and not at the source";
    case Difference::What::unknown:
      return "cannot be looked at at the source: " + difference.why;
    case Difference::What::differs:
      break;
  }
  return "differs from the source's by size or time";
}

class WebComparison {
 public:
  WebComparison(const AuditOptions& options, const TreeLayout& layout,
                const std::set<std::string>& other_trees, Clock& clock, Findings& findings)
      : other_trees_(other_trees),
        source_(upstream::split_source(options.against)),
        root_(layout.root),
        runner_(clock.stop()),
        there_(upstream::make_comparer(
            transport::Address::parse(source_.directory), options.connect,
            {.runner = runner_,
             .stop = clock.stop(),
             .files = FileOptions{.keep_dirlinks = target::keeps_links(layout.root)}})),
        findings_(findings) {}

  // What the view calls present, but for what the other one calls so, too.
  void ask_about(IndexView& view, IndexView* but_for) {
    view.table().for_each([&](const NewestEvents::Entry& entry) {
      if (entry.value.type != EventType::new_) return;
      const auto* known = but_for != nullptr ? but_for->table().find(entry.path()) : nullptr;
      if (known != nullptr && known->value.type == EventType::new_) return;
      if (std::ranges::any_of(other_trees_,
                              [&](const auto& other) { return is_inside(entry.path(), other); }))
        return;
      names_.names.emplace_back(entry.path());
      names_.expected.push_back({.link = std::string(view.recorded(entry).link)});
      if (names_.names.size() == k_files_in_a_call) flush();
    });
    flush();
  }

 private:
  void flush() {
    if (names_.names.empty()) return;
    const auto problem = there_->compare(
        root_, names_, transport::Comparer::By::size_and_time, [&](const Difference& difference) {
          findings_.add(Check::source, difference.name, detail_of(difference));
        });
    if (problem) throw upstream::to_error(*problem, source_.text);
    names_ = {};
  }

  const std::set<std::string>& other_trees_;
  upstream::SourceSpec source_;
  std::string root_;
  sys::SystemProcessRunner runner_;
  std::unique_ptr<transport::Comparer> there_;
  Findings& findings_;
  transport::Comparer::Names names_;
};

}  // namespace

void compare_over_web(const AuditOptions& options, const TreeLayout& layout,
                      const std::set<std::string>& other_trees, Clock& clock, Findings& findings) {
  Findings told(0);  // what is wrong with an index is told elsewhere
  const FetchedSet set(options.against, options.connect, clock);
  IndexView theirs(set.layout(), Extent::part, told), ours(layout, Extent::part, told);
  WebComparison comparison(options, layout, other_trees, clock, findings);
  comparison.ask_about(theirs, nullptr);
  comparison.ask_about(ours, &theirs);
}

}  // namespace recentd::audit
