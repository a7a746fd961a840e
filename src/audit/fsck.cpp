#include "audit/fsck.hpp"

#include <algorithm>
#include <map>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "state/state_store.hpp"
#include "tree/find.hpp"

namespace recentd::audit {
namespace {

constexpr int k_looks_again = 4;  // at paths that go on changing
constexpr std::size_t k_index_findings_max = 1000;

bool same(const Finding& a, const Finding& b) {
  return a.check == b.check && a.name == b.name && a.detail == b.detail;
}

template <class T, class Same>
void keep_common(std::vector<T>& all, const std::vector<T>& again, Same alike) {
  std::erase_if(all, [&](const T& item) {
    return std::none_of(again.begin(), again.end(), [&](const T& other) { return alike(item, other); });
  });
}

std::string detail_of(const Suspect& suspect) {
  switch (suspect.check) {
    case Check::missing:
      return "the index says it is there";
    case Check::type:
      return suspect.status.disk && suspect.status.disk->type == sys::FileType::directory
                 ? "is a directory, no file"
                 : "is neither a file nor a link";
    case Check::hidden:
      return "the index says it is deleted";
    case Check::changed:
      return "its size or time is not what its event records";
    default:
      return "no index names it";
  }
}

bool comes_before(const Suspect& a, const Suspect& b) {
  const bool a_missing = a.check == Check::missing, b_missing = b.check == Check::missing;
  if (a_missing != b_missing) return a_missing;
  if (a_missing && a.status.epoch != b.status.epoch) return b.status.epoch < a.status.epoch;
  const auto time = [](const Suspect& suspect) {
    return suspect.status.disk ? std::pair(suspect.status.disk->mtime_s, suspect.status.disk->mtime_ns)
                               : std::pair(std::int64_t{0}, std::uint32_t{0});
  };
  if (!a_missing && time(a) != time(b)) return time(a) < time(b);
  return a.path < b.path;
}

// Nothing where there is none, or none that we may read and understand.
std::optional<state::MirrorState> mirror_state(const std::string& root) {
  try {
    return state::StateStore(root + "/.recentd", Fsync::none).load();
  } catch (const Error&) {
    return {};
  }
}

// One check of a tree.
class Fsck {
 public:
  Fsck(const FsckOptions& options, Clock& clock)
      : options_(options),
        clock_(clock),
        layout_(layout_for_repair(options.tree, options.filenameroot)),
        bookkeeping_(layout_.filenameroot),
        root_(layout_.root) {}

  FsckReport run() {
    report_.root = layout_.root;
    first_look();
    for (int i = 0; i < k_looks_again && uncertain() && !clock_.stop().requested(); ++i) {
      clock_.sleep_for(options_.settle);
      look_again();
    }
    report_.busy = open_.size();
    std::sort(report_.suspects.begin(), report_.suspects.end(), comes_before);
    note_known_missing();
    return std::move(report_);
  }

 private:
  // A tree that is a mirror may know why a file is not there.
  void note_known_missing() {
    if (report_.suspects.empty()) return;
    const auto state = mirror_state(layout_.root);
    if (!state) return;
    for (const auto& suspect : report_.suspects) {
      const auto found = state->missing.find(suspect.path);
      if (found == state->missing.end() || !found->second.known || !suspect.status.word) continue;
      report_.known_missing.emplace(
          suspect.path, found->second.absent ? "the upstream has not got it" : found->second.reason);
    }
  }

  std::vector<Finding> look_at_index(std::optional<IndexView>& view) {
    Findings findings(k_index_findings_max);
    check_link(layout_, layout_.file(0).name.file(), findings);
    view.emplace(layout_, Extent::whole, findings);
    const auto& principal = view->levels().front();
    if (!principal.exists) findings.add(Check::index, principal.file, "is missing");
    return findings.kept();
  }

  void first_look() {
    std::optional<IndexView> view;
    report_.index = look_at_index(view);
    report_.events = view->events();
    report_.passed_over = view->refused_paths();
    const auto now_s = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
    auto found = compare(root_, bookkeeping_, *view,
                         {options_.threads, options_.changed_since, now_s, &options_.filter});
    report_.files_on_disk = found.files_on_disk;
    report_.files_in_index = found.files_in_index;
    report_.nameless = found.nameless;
    report_.changed = std::move(found.changed);
    report_.old_temporaries = std::move(found.old_temporaries);
    for (const auto& unread : found.unread) {
      const auto cut = unread.find('\0');
      report_.unread.push_back({Check::unread, unread.substr(0, cut), unread.substr(cut + 1)});
    }
    report_.leftovers = find_leftovers(layout_, clock_);
    open_ = std::move(found.suspects);
    if (options_.digests) misread_ = misread(*view, bookkeeping_, root_);
    if (options_.content) differing_ = differing(*options_.content, layout_.root, view->table(), clock_);
  }

  // The index's findings and leftovers are certain once they were seen twice.
  [[nodiscard]] bool uncertain() const {
    return !open_.empty() ||
           (!again_ &&
            report_.index.size() + report_.leftovers.size() + differing_.size() + misread_.size() > 0);
  }

  void look_again() {
    std::optional<IndexView> view;
    const auto index = look_at_index(view);
    if (!again_) {
      keep_common(report_.index, index, same);
      keep_common(report_.leftovers, find_leftovers(layout_, clock_), std::equal_to<>());
      look_at_content();
      for (auto& path : misread(*view, bookkeeping_, root_, std::move(misread_)))
        report_.content.push_back(
            {Check::changed, std::move(path), "its content is not what its event records"});
    }
    again_ = true;
    std::vector<Suspect> open;
    for (auto& suspect : open_) {
      auto status = look_at(root_, bookkeeping_, *view, suspect.path);
      const auto check = judge(status);
      if (!check) continue;
      const bool settled = status == suspect.status;
      suspect.check = *check;
      suspect.status = std::move(status);
      (settled ? report_.suspects : open).push_back(std::move(suspect));
    }
    open_ = std::move(open);
  }

  void look_at_content() {
    if (differing_.empty()) return;
    for (auto& path : differing(*options_.content, layout_.root, std::move(differing_), clock_))
      report_.content.push_back({Check::content, std::move(path), "is not what the source has"});
  }

  const FsckOptions& options_;
  Clock& clock_;
  TreeLayout layout_;
  Bookkeeping bookkeeping_;
  sys::Dir root_;
  FsckReport report_;
  std::vector<Suspect> open_;
  std::vector<std::string> differing_;  // content, seen once
  std::vector<std::string> misread_;    // likewise, by digest
  bool again_ = false;
};

bool names_intervals(const std::vector<std::string>& specs) {
  return std::all_of(specs.begin(), specs.end(),
                     [](const std::string& spec) { return Interval::parse(spec).has_value(); });
}

// The levels that another file of the set than its principal tells of, and those that stand there.
TreeLayout layout_around(const LevelFile& principal) {
  TreeLayout layout{principal.root, principal.name.filenameroot, principal.name.suffix, {}, {}};
  Meta meta;
  std::vector<std::string> on_disk;
  for (const auto& entry : sys::Dir(principal.root).list("").value_or(std::vector<sys::Dir::Entry>{})) {
    const auto name = split_level_name(entry.name);
    if (!name || name->file() != entry.name || name->filenameroot != principal.name.filenameroot ||
        name->suffix != principal.name.suffix || !Interval::parse(name->interval))
      continue;
    on_disk.push_back(name->interval);
    try {
      const auto other = read_meta({principal.root, *name});
      if (other && other->aggregator && names_intervals(*other->aggregator))
        meta.aggregator = other->aggregator;
    } catch (const Error& error) {
      if (error.kind() != Kind::corrupt) throw;  // it may be broken as well
    }
  }
  if (on_disk.empty())
    throw Error(Kind::missing, cat("no index file in ", quoted(principal.root)), principal.root);
  if (!meta.aggregator) meta.aggregator = on_disk;
  layout.levels = levels_by_meta(principal, meta, layout.remarks);
  return layout;
}

}  // namespace

TreeLayout layout_for_repair(const std::string& tree, const std::optional<std::string>& filenameroot) {
  try {
    return open_tree(tree, filenameroot);
  } catch (const Error& error) {
    if (error.kind() != Kind::corrupt && error.kind() != Kind::missing) throw;
    return layout_around(find_principal(tree, filenameroot));
  }
}

FsckReport fsck(const FsckOptions& options, Clock& clock) {
  return Fsck(options, clock).run();
}

std::uint64_t FsckReport::count(Check check) const {
  const auto in = [&](const auto& all) {
    return static_cast<std::uint64_t>(
        std::count_if(all.begin(), all.end(), [&](const auto& item) { return item.check == check; }));
  };
  const auto left = check == Check::leftover ? leftovers.size() + old_temporaries.size() : 0;
  return in(index) + in(suspects) + in(unread) + in(content) + left;
}

std::uint64_t FsckReport::total() const {
  return index.size() + suspects.size() + leftovers.size() + old_temporaries.size() + unread.size() +
         content.size();
}

void for_each_finding(const FsckReport& report, const std::function<void(const Finding&)>& each) {
  for (const auto& finding : report.index) each(finding);
  for (const auto& suspect : report.suspects) {
    auto detail = detail_of(suspect);
    const auto known = report.known_missing.find(suspect.path);
    if (known != report.known_missing.end())
      detail += cat("; the mirror knows that it cannot be had: ", known->second);
    each({suspect.check, suspect.path, std::move(detail)});
  }
  for (const auto& finding : report.content) each(finding);
  for (const auto& leftover : report.leftovers) each({Check::leftover, leftover.name, leftover.detail});
  for (const auto& name : report.old_temporaries)
    each({Check::leftover, name, "a temporary file of rsync, older than a day"});
  for (const auto& finding : report.unread) each(finding);
}

}  // namespace recentd::audit
