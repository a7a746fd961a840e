#include "target/undo.hpp"

#include <algorithm>
#include <set>

#include <recentd/error.hpp>

#include "base/meter.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "state/state_store.hpp"
#include "sys/failure.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/carry.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/remove_tree.hpp"
#include "target/generations/owed_changes.hpp"
#include "target/inner_trees.hpp"
#include "target/kept_links.hpp"
#include "target/promotion.hpp"
#include "target/quarantine.hpp"
#include "target/target_lock.hpp"

namespace recentd::target {
namespace {

constexpr std::size_t k_examples_max = 100;

std::string target_of(const UndoOptions& options) {
  const auto real = sys::real_path(options.target);
  if (!real)
    throw Error(Kind::missing,
                cat("target ", quoted(options.target),
                    " does not exist; check the path, and whether its file system is mounted"),
                options.target);
  if (sys::lstat_path(*real + "/.recentd/state")) return *real;
  if (const auto promoted = noted_promotion(*real); promoted && !promoted->quarantine.empty())
    throw Error(
        Kind::refused,
        cat(quoted(*real), " was made an origin at ", escaped(promoted->since),
            ", which nothing is undone in; what it deleted as a mirror is in ", quoted(promoted->quarantine),
            ": copy from there what you need, and register it with `recentd update --new`"),
        *real);
  throw Error(Kind::missing,
              cat(quoted(*real),
                  " is no mirror's target: it has no .recentd/state; name the directory that `recentd "
                  "mirror` works on, not the quarantine"),
              *real);
}

sys::Dir open_target(const UndoOptions& options) {
  sys::Dir target(target_of(options));
  if (keeps_links(target.path())) target.follow_links();
  return target;
}

std::string quarantine_of(const UndoOptions& options, const std::string& target) {
  if (!options.quarantine.empty()) return options.quarantine;
  if (auto noted = noted_quarantine(target)) return *noted;
  throw Error(Kind::missing,
              cat("the mirror ", quoted(target), " never had a quarantine; its deletes cannot be undone"),
              target);
}

// The paths that were asked for, and which of them were found.
class Selection {
 public:
  explicit Selection(const UndoOptions& options) : options_(options) {
    for (const auto& text : options.paths) {
      auto path = text;
      while (path.size() > 1 && path.ends_with('/')) path.pop_back();
      RelPath::Flaw flaw = RelPath::Flaw::none;
      if (!RelPath::parse(path, sys::any_name(), &flaw))
        throw Error(Kind::usage, cat("path ", quoted(text), " is refused: ", describe(flaw),
                                     "; give paths relative to the target"));
      wanted_.push_back({std::move(path), false});
    }
  }
  [[nodiscard]] bool in_time(const Quarantine::Generation& generation) const {
    return (!options_.since || generation.time >= *options_.since) &&
           (!options_.until || generation.time <= *options_.until);
  }
  bool takes(const std::string& path) {
    bool taken = wanted_.empty();
    for (auto& [text, found] : wanted_) {
      if (path != text && !path.starts_with(text + "/")) continue;
      found = taken = true;
    }
    return taken;
  }
  void demand_all_found() const {
    for (const auto& [text, found] : wanted_)
      if (!found)
        throw Error(Kind::missing,
                    cat(quoted(text), " is not in the quarantine",
                        options_.since || options_.until ? " of that time" : "", "; `recentd undo ",
                        shell_word(options_.target), " --list` shows what is"));
  }

 private:
  const UndoOptions& options_;
  std::vector<std::pair<std::string, bool>> wanted_;
};

// What the options select, newest generation first.
void visit(const Quarantine& quarantine, Selection& selection,
           const std::function<void(const Quarantine::Generation&, const sys::Dir&, RelPath)>& each) {
  for (const auto& generation : quarantine.generations()) {
    if (!selection.in_time(generation)) continue;
    const auto root = quarantine.open(generation);
    if (!root) continue;
    const auto file = [&](const std::string& name, sys::FileType) {
      if (!selection.takes(name)) return;
      if (auto path = RelPath::parse(name, sys::any_name())) each(generation, *root, std::move(*path));
    };
    sys::walk_files(*root, sys::any_name(), "", {.file = file});
  }
}

// The next pass must not delete again what is brought back now.
void forget_queued(const sys::Dir& target, const Quarantine& quarantine, Selection selection, bool force) {
  state::StateStore store(target.path() + "/.recentd", Fsync::full);
  auto loaded = store.load();
  if (!loaded || loaded->deletes.empty()) return;
  const auto before = loaded->deletes.size();
  visit(quarantine, selection, [&](const Quarantine::Generation&, const sys::Dir&, const RelPath& path) {
    if (force || !sys::or_nothing([&] { return target.lstat(path); })) loaded->deletes.erase(path.text());
  });
  if (loaded->deletes.size() != before) store.save(*loaded);
}

class Restorer {
 public:
  Restorer(const UndoOptions& options, const sys::Dir& target, Quarantine& quarantine)
      : options_(options), target_(target), inner_(target), quarantine_(quarantine) {}

  void restore(const sys::Dir& root, const RelPath& path) {
    if (done_.contains(path.text())) return;
    if (inner_.cover(path.text())) return failed(path, "its place is in another mirror's target now");
    try {
      move_back(root, path);
    } catch (const Error& error) {
      if (!sys::concerns_path_alone(error)) throw;
      failed(path, error.what());
    }
  }

  UndoReport report;

 private:
  void move_back(const sys::Dir& root, const RelPath& path) {
    using Move = sys::Dir::Move;
    if (options_.dry_run) return target_.lstat(path) && !options_.force ? blocked(path) : restored(path);
    owed_.note(path.text());
    auto moved = sys::move_or_carry(root, path, target_, path);
    if (moved == Move::exists && options_.force && quarantine_.take(path) == Move::moved)
      moved = sys::move_or_carry(root, path, target_, path);
    if (moved == Move::absent) return;
    if (moved != Move::moved) return blocked(path);
    root.remove_empty_parents(path);
    restored(path);
  }
  void restored(const RelPath& path) {
    ++report.restored;
    done_.insert(path.text());
  }
  void blocked(const RelPath& path) {
    if (!done_.insert(path.text()).second) return;
    ++report.in_the_way;
    if (report.examples.size() < k_examples_max) report.examples.push_back(path.text());
  }

  void failed(const RelPath& path, const std::string& reason) {
    if (!done_.insert(path.text()).second) return;
    ++report.failed;
    if (report.failures.size() < k_examples_max)
      report.failures.push_back(cat(quoted(path.text()), ": ", reason));
  }

  const UndoOptions& options_;
  const sys::Dir& target_;
  OwedChanges owed_{target_.path() + "/.recentd", sys::boot_id()};  // to a published set
  InnerTrees inner_;
  Quarantine& quarantine_;
  std::set<std::string> done_;  // older generations of a path stay where they are
};

}  // namespace

void list_quarantined(const UndoOptions& options, Clock& clock,
                      const std::function<void(const Quarantined&)>& each) {
  const auto target = open_target(options);
  const Quarantine quarantine(quarantine_of(options, target.path()), target, clock,
                              Quarantine::Open::existing);
  Selection selection(options);
  visit(quarantine, selection, [&](const auto& generation, const sys::Dir& root, const RelPath& path) {
    if (const auto facts = root.lstat(path)) each({path.text(), generation.time, *facts});
  });
  selection.demand_all_found();
}

UndoReport undo_deletes(const UndoOptions& options, Clock& clock) {
  const auto target = open_target(options);
  const TargetLock lock(target.path(), target.path() + "/.recentd", clock);
  Quarantine quarantine(quarantine_of(options, target.path()), target, clock, Quarantine::Open::existing);
  Selection selection(options);
  meter().begin("looking into the quarantine");
  std::uint64_t found = 0;
  visit(quarantine, selection,
        [&](const auto&, const sys::Dir&, const RelPath&) { meter().add(1), ++found; });
  selection.demand_all_found();
  if (!options.dry_run) forget_queued(target, quarantine, selection, options.force);
  Restorer restorer(options, target, quarantine);
  meter().begin("bringing back", found);
  visit(quarantine, selection, [&](const auto&, const sys::Dir& root, const RelPath& path) {
    restorer.restore(root, path);
    meter().add(1);
  });
  if (!options.dry_run) {
    for (const auto& generation : quarantine.generations()) quarantine.drop_if_empty(generation);
    sys::sync_filesystem(target.path());
  }
  return std::move(restorer.report);
}

}  // namespace recentd::target
