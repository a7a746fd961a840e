// What both repairs share, and the repair of the index.

#include "audit/repair/repair.hpp"

#include <algorithm>

#include <recentd/error.hpp>
#include <recentd/reading.hpp>

#include "audit/fetched_set.hpp"
#include "audit/repair/repair_steps.hpp"
#include "audit/repair/set_repair.hpp"
#include "base/directories.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "codec/failure.hpp"
#include "origin/kept_mounts.hpp"
#include "origin/old_set.hpp"
#include "origin/writer.hpp"
#include "recentfile/lock.hpp"
#include "transport/address.hpp"

namespace recentd::audit {

using What = RepairAction::What;

void tell(const RepairOptions& options, What what, const std::string& text) {
  if (options.on_action) options.on_action({what, text});
}

std::string root_of(const std::string& tree) {
  const auto path = absolute_path(tree);
  const auto facts = sys::stat_path(path);
  if (facts && facts->type == sys::FileType::directory) return path;
  return path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
}

void guard_deletes(const RepairOptions& options, std::uint64_t deletes, const FsckReport& report) {
  const auto tree = std::max(report.files_in_index, report.files_on_disk);
  if (options.max_delete.allows(deletes, tree)) return;
  throw Error(Kind::refused,
              cat(deletes, " deletes of ", tree, " files are ", options.max_delete.objection(deletes, tree),
                  "; nothing was done. Is everything mounted? If it is right, say --max-delete none"),
              report.root);
}

void clear_leftovers(const RepairOptions& options, const FsckReport& report, Clock& clock) {
  if (report.leftovers.empty()) return;
  for (const auto& leftover : report.leftovers) tell(options, What::cleared, leftover.name);
  if (options.writer.dry_run) return;
  const auto layout = layout_for_repair(options.check.tree, options.check.filenameroot);
  const auto lock = lock_root(layout.root, options.writer.locktimeout, clock);
  const auto now = find_leftovers(layout, clock);  // nobody has taken them up meanwhile
  std::vector<std::string> files;
  for (const auto& leftover : report.leftovers) {
    if (std::find(now.begin(), now.end(), leftover) == now.end()) continue;
    if (leftover.what == Leftover::What::file)
      files.push_back(leftover.name);
    else
      clear(layout, leftover);
  }
  if (!files.empty())
    move_set_away(layout.root, files, state_directory(layout.root, options.state_directory), clock);
}

FsckReport check_again(const RepairOptions& options, Clock& clock) {
  auto check = options.check;
  check.changed_since.reset();
  check.content.reset();
  check.digests = false;
  return fsck(check, clock);
}

namespace {

constexpr std::size_t k_batch = 20000;

class IndexRepair {
 public:
  IndexRepair(const RepairOptions& options, const std::string& from, Clock& clock)
      : options_(options), from_(from), clock_(clock) {}

  FsckReport run() {
    refuse_mirror_target(root_of(options_.check.tree));
    std::optional<FetchedSet> fetched;
    if (!from_.empty()) fetched.emplace(from_, options_.connect, clock_);
    if (fetched) refuse_part(*fetched);
    auto report = first_check(fetched ? &*fetched : nullptr);
    if (options_.on_checked) options_.on_checked(report);
    refuse_newer(report);
    guard_deletes(options_, unasked_deletes_in(report), report);
    if (options_.mend_files && (fetched || !report.index.empty()))
      report = repair_files(fetched ? &*fetched : nullptr, std::move(report));
    clear_leftovers(options_, report, clock_);
    register_all(report);
    offer_again();
    if (!options_.writer.dry_run) keep_mounts(report.root);
    return options_.writer.dry_run || !options_.check_after ? std::move(report)
                                                            : check_again(options_, clock_);
  }

 private:
  // Nothing to check where all index files are lost.
  FsckReport first_check(const FetchedSet* fetched) const {
    try {
      return fsck(options_.check, clock_);
    } catch (const Error& error) {
      if (error.kind() != Kind::missing || fetched == nullptr) throw;
      FsckReport report;
      report.root = root_of(options_.check.tree);
      return report;
    }
  }

  FsckReport repair_files(const FetchedSet* fetched, FsckReport before) {
    auto layout =
        fetched ? fetched->layout() : layout_for_repair(options_.check.tree, options_.check.filenameroot);
    layout.root = before.root;
    const SetRepairOptions how{options_.writer, options_.state_directory, fetched ? fetched->directory() : "",
                               options_.check.filter};
    const auto done = repair_set(layout, how, clock_);
    for (const auto& line : done.lines) tell(options_, What::index_file, line);
    if (options_.writer.dry_run) return before;
    rewound_ = done.rewound;
    joined_ = done.joined || done.rewound;
    auto check = options_.check;
    check.changed_since = done.lost_since_s;
    auto report = fsck(check, clock_);
    guard_deletes(options_, unasked_deletes_in(report), report);
    return report;
  }

  // What a partial mirror leaves out would be taken for deleted, or for new.
  void refuse_part(const FetchedSet& fetched) const {
    const auto meta = read_meta(fetched.layout().file(0));
    if (meta && part_of(*meta))
      throw Error(Kind::refused, cat("source ", quoted(transport::Address::without_password(from_)),
                                     " is a partial mirror, whose index lists only a part of the "
                                     "tree; name a complete mirror"));
  }

  // They would be thrown away because they are not understood.
  static void refuse_newer(const FsckReport& report) {
    for (const auto& finding : report.index)
      if (codec::tells_newer_protocol(finding.detail))
        throw Error(Kind::corrupt, cat(finding.detail, "; nothing was repaired"), finding.name);
  }

  // Without those that the operator asked for by name.
  [[nodiscard]] std::uint64_t unasked_deletes_in(const FsckReport& report) const {
    return static_cast<std::uint64_t>(std::ranges::count_if(report.suspects, [&](const Suspect& suspect) {
      return (suspect.check == Check::missing || suspect.check == Check::type) &&
             std::ranges::none_of(options_.check.accept_unmounted,
                                  [&](const std::string& mount) { return is_inside(suspect.path, mount); });
    }));
  }

  // For the next check, and for a watcher that runs. The index is mended without that, too.
  void keep_mounts(const std::string& root) const {
    const auto place = state_place(root, options_.state_directory);
    if (!place) return;
    try {
      remember_mounts(*place, sys::Dir(root), options_.check.accept_unmounted);
    } catch (const Error& error) {
      Log("fsck").warning(cat(error.what(), "; which file systems are mounted in the tree is not kept"));
    }
  }

  void add(std::string path, EventType type, std::optional<Epoch> epoch = {}) {
    tell(options_, type == EventType::new_ ? What::new_event : What::deleted_event, path);
    ++registered_;
    requests_.push_back({std::move(path), type, std::move(epoch)});
    if (requests_.size() >= k_batch) flush();
  }

  void flush() {
    if (requests_.empty() || options_.writer.dry_run) return requests_.clear();
    auto origin = Origin::open(options_.check.tree, options_.writer, clock_, options_.check.filenameroot);
    origin.batch_update_and_carry(requests_);
    requests_.clear();
  }

  void register_all(const FsckReport& report) {
    for (const auto& suspect : report.suspects) {
      if (suspect.check == Check::missing || suspect.check == Check::type) {
        add(suspect.path, EventType::delete_);
        continue;
      }
      std::optional<Epoch> epoch;
      if (options_.dirty)
        epoch = Epoch::from_parts(std::max<std::int64_t>(suspect.status.disk->mtime_s, 1), 0, 0);
      add(suspect.path, EventType::new_, std::move(epoch));
    }
    for (const auto& path : report.changed) add(path, EventType::new_);
    for (const auto& finding : report.content) add(finding.name, EventType::new_);
    // Mirrors that saw newer events than are left would take the repaired index for a rollback.
    if (rewound_ && registered_ == 0) renew_newest();
    flush();
    if (joined_ && !options_.writer.dry_run) join_principal();
  }

  // A principal that does not tell what went upward, and whose paths were all registered anew, joins nothing.
  void join_principal() {
    Origin::open(options_.check.tree, options_.writer, clock_, options_.check.filenameroot).aggregate(true);
  }

  // What was written apart from aggregates, too.
  void offer_again() const {
    const auto layout = layout_for_repair(options_.check.tree, options_.check.filenameroot);
    Writer(layout.file(0), std::nullopt, options_.writer, clock_).offer();
  }

  void renew_newest() {
    EventFilter filter;
    filter.skip_deletes = true;
    filter.max = 1;
    for (auto& event : news(options_.check.tree, filter)) add(std::move(event.path), EventType::new_);
  }

  const RepairOptions& options_;
  const std::string& from_;
  Clock& clock_;
  std::vector<UpdateRequest> requests_;
  std::size_t registered_ = 0;
  bool rewound_ = false, joined_ = false;
};

}  // namespace

FsckReport repair_index(const RepairOptions& options, const std::string& from, Clock& clock) {
  return IndexRepair(options, from, clock).run();
}

}  // namespace recentd::audit
