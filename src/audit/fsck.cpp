#include "audit/fsck.hpp"

#include <algorithm>
#include <map>

#include <recentd/error.hpp>

#include "audit/linked_names.hpp"
#include "base/meter.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "origin/kept_mounts.hpp"
#include "origin/old_set.hpp"
#include "state/state_store.hpp"
#include "sys/failure.hpp"
#include "target/inner_trees.hpp"
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
      if (!suspect.other.empty())
        return cat("it was written under its other name ", quoted(suspect.other),
                   ", and its own event is older");
      return "its size or time is not what its event records";
    default:
      return unfinished_by_name(suspect.path) == Unfinished::perhaps
                 ? "no index names it; it is called like an unfinished file of rsync, and has rested an hour"
                 : "no index names it";
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
        root_(layout_.root),
        mirror_(mirror_state(layout_.root)),
        inner_(root_) {}

  FsckReport run() {
    report_.root = layout_.root;
    first_look();
    for (int i = 0; i < k_looks_again && uncertain() && !clock_.stop().requested(); ++i) {
      meter().begin("waiting to look again at what differs", open_.size());
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
    if (!mirror_) return;
    for (const auto& suspect : report_.suspects) {
      const auto found = mirror_->missing.find(suspect.path);
      if (found == mirror_->missing.end() || !found->second.known || !suspect.status.word) continue;
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
    look_at_mounts();
    auto found = compare(root_, bookkeeping_, *view,
                         {options_.threads, options_.changed_since, clock_.now().time_since_epoch().count(),
                          &options_.filter, absent_});
    report_.files_on_disk = found.files_on_disk;
    report_.files_in_index = found.files_in_index;
    report_.nameless = found.nameless;
    report_.changed = std::move(found.changed);
    report_.left_out = std::move(found.left_out);
    for (const auto& unread : found.unread) {
      const auto cut = unread.find('\0');
      const auto directory = unread.substr(0, cut);
      if (is_lost_and_found(directory))
        report_.left_out.note(LeftOut::Why::lost_and_found, directory);
      else
        report_.unread.push_back({Check::unread, directory, unread.substr(cut + 1)});
    }
    meter().begin("looking for leftovers");
    report_.leftovers = find_leftovers(layout_, clock_);
    open_ = std::move(found.suspects);
    if (options_.digests) misread_ = misread(*view, bookkeeping_, root_);
    if (options_.content) differing_ = differing(*options_.content, layout_.root, view->table(), clock_);
    if (mirror_) leave_inner_trees(*view);
  }

  // It is the file system's own, and in root's eyes alone.
  [[nodiscard]] bool is_lost_and_found(const std::string& directory) const {
    const auto path = RelPath::parse(directory, bookkeeping_);
    if (!path || path->name() != "lost+found") return false;
    const auto facts = sys::or_nothing([&] { return root_.lstat(*path); });
    return facts && facts->owner == 0;
  }

  // A mirror writes nothing to another target in its own, whatever its index says, and removes nothing from
  // another tree.
  void leave_inner_trees(IndexView& view) {
    const auto is_ours = [&](const std::string& path) { return view.table().find(path) != nullptr; };
    report_.left_out.leave_inner_trees([&](const std::string& directory) {
      const auto entries = sys::or_nothing([&] { return root_.list(directory); });
      return entries && target::is_another_tree(directory, *entries, is_ours);
    });
    std::erase_if(open_, [&](const Suspect& suspect) {
      const bool here_alone = suspect.check == Check::extra || suspect.check == Check::hidden;
      return inner_.cover(suspect.path) || (here_alone && report_.left_out.is_in_inner_tree(suspect.path));
    });
    for (auto* paths : {&differing_, &misread_})
      std::erase_if(*paths, [&](const std::string& path) { return inner_.cover(path); });
    std::erase_if(report_.unread,
                  [&](const Finding& finding) { return report_.left_out.is_in_inner_tree(finding.name); });
  }

  // What lies below a file system that is not mounted is not known to be gone.
  void look_at_mounts() {
    const auto place = state_place(layout_.root, options_.state_directory);
    const auto kept = place ? read_mounts(*place, root_) : KeptMounts();
    auto absent = absent_mounts(root_, kept);
    for (const auto& path : options_.accept_unmounted)
      if (absent.erase(path) == 0 && !kept.accepted.contains(path))
        throw Error(Kind::usage,
                    cat("--accept-unmounted ", quoted(path), ": no file system is missed there below ",
                        escaped(layout_.root), "; `recentd fsck` names those that are"));
    for (const auto& [path, mount] : absent) {
      absent_.insert(path);
      report_.unread.push_back({Check::unread, path, words_for_absent(layout_.root, path, mount)});
    }
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
      if (!suspect.other.empty() && is_still_stale(root_, bookkeeping_, *view, suspect.path, suspect.other))
        status.as_recorded = false;
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
  std::optional<state::MirrorState> mirror_;  // if the tree is a mirror
  target::InnerTrees inner_;
  FsckReport report_;
  std::set<std::string> absent_;  // mount points
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
    throw Error(Kind::missing,
                cat("no index file in ", quoted(principal.root), "; `recentd init ",
                    shell_word(principal.root), "` makes one"),
                principal.root);
  if (!meta.aggregator) meta.aggregator = on_disk;
  layout.levels = levels_by_meta(principal, meta, layout.remarks);
  return layout;
}

}  // namespace

std::optional<std::string> state_place(const std::string& root, const std::string& configured) {
  try {
    return state_directory(root, configured);
  } catch (const Error& error) {
    if (error.kind() != Kind::usage) throw;
    return std::nullopt;
  }
}

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
  const auto left = check == Check::leftover ? leftovers.size() : 0;
  return in(index) + in(suspects) + in(unread) + in(content) + left;
}

std::uint64_t FsckReport::total() const {
  return index.size() + suspects.size() + leftovers.size() + unread.size() + content.size();
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
  for (const auto& finding : report.unread) each(finding);
}

}  // namespace recentd::audit
