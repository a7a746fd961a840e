#include "audit/tree_audit.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "base/count.hpp"
#include "base/directories.hpp"
#include "base/meter.hpp"
#include "base/text.hpp"
#include "state/missing_paths.hpp"
#include "state/state_store.hpp"
#include "sys/failure.hpp"
#include "sys/tree/remove_tree.hpp"
#include "target/kept_links.hpp"
#include "upstream/chain_rules.hpp"

namespace recentd::audit {

TreeAudit::TreeAudit(const TreeLayout& layout, AuditReport& report)
    : layout_(layout), report_(report), root_(layout.root), bookkeeping_(layout.filenameroot), inner_(root_) {
  if (target::keeps_links(layout.root)) root_.follow_links();
}

void TreeAudit::run() {
  load_state();
  const bool known = state_ && !state_->principal.empty();
  check_link(layout_, known ? state_->principal : layout_.file(0).name.file(), report_.findings);
  meter().begin("comparing index and tree");
  for (std::size_t i = 0; i < layout_.levels.size(); ++i) check_level(layout_.file(i));
  check_neighbours(levels_, report_.partial ? Extent::part : Extent::whole, report_.findings);
  check_extra();
  if (state_) check_state();
}

std::map<std::string, std::string, std::less<>> TreeAudit::followed_links() const {
  if (root_.links() == nullptr) return {};
  return root_.links()->all();
}

void TreeAudit::load_state() {
  const auto directory = layout_.root + "/.recentd";
  if (!sys::lstat_path(directory + "/state")) return;
  std::string remark;
  try {
    state_ = state::StateStore(directory, Fsync::none).load(&remark);
  } catch (const Error& error) {
    remark = error.what();
  }
  const auto wish = sys::lstat_path(directory + "/own/wish");
  report_.partial = wish && wish->size_bytes > 0;
  if (!remark.empty()) report_.findings.add(Check::state, "", remark);
  if (state_) report_.upstream = state_->source;
  if (!state_) report_.complete = false;
}

void TreeAudit::check_level(const LevelFile& file) {
  missing_.clear();
  std::shared_ptr<const OpenLevel> storage;
  auto level = read_and_check(file, *this, &storage, report_.findings);
  if (storage) storage_.push_back(std::move(storage));
  report_.events += level.events;
  // Whether the state claims a file is known only now: the level's dirtymark may stand behind its events.
  const auto* progress = progress_of(level);
  for (const auto& [path, epoch] : missing_) {
    const bool claimed = progress && progress->done.covers(epoch);
    report_.findings.add(Check::missing, path,
                         cat("named by ", level.file, " at ", epoch.text(),
                             claimed ? ", and the state says that it was mirrored"
                                     : (state_ ? ", and not mirrored yet" : "")));
  }
  if (!level.readable && level.exists) report_.complete = false;
  levels_.push_back(std::move(level));
}

NewestEvents::Named TreeAudit::note(const EventRow& row) {
  const auto path = RelPath::parse(row.path(), bookkeeping_);
  const bool readable = path && row.type != EventType::other;
  const auto named =
      readable ? named_.add(row, static_cast<std::uint8_t>(levels_.size())) : NewestEvents::Named::first;
  if (!readable) {
    ++report_.refused_paths;
  } else if (named == NewestEvents::Named::first && row.type == EventType::new_) {
    ++report_.files;
    meter().add(1);
    check_present(*path, row);
  }
  return named;
}

void TreeAudit::check_present(const RelPath& path, const EventRow& row) {
  const bool known = is_known_missing(path, row);
  std::optional<sys::FileFacts> facts;
  try {
    facts = root_.lstat(path);
  } catch (const Error& error) {
    if (!sys::concerns_path_alone(error)) throw;
    if (!known && !is_in_inner_target(path.text()))
      report_.findings.add(Check::unread, path.text(), error.what());
    return;
  }
  if (facts && (facts->type == sys::FileType::regular || facts->type == sys::FileType::symlink)) return;
  if (known || is_left_out(path, row) || is_in_inner_target(path.text())) return;
  if (facts) {
    report_.findings.add(Check::type, path.text(),
                         facts->type == sys::FileType::directory ? "is a directory here, no file"
                                                                 : "is neither a file nor a link here");
    return;
  }
  missing_.emplace_back(path.text(), Epoch(row.epoch()));
}

// Noted as such; what may be here is an older version.
bool TreeAudit::is_known_missing(const RelPath& path, const EventRow& row) {
  if (!state_) return false;
  const auto found = state_->missing.find(path.text());
  if (found == state_->missing.end() || !found->second.known || found->second.epoch != row.epoch())
    return false;
  const auto& missing = found->second;
  if (missing.absent) ++report_.gone;
  report_.known_missing.add(
      Check::known, path.text(),
      missing.absent ? "the upstream has not got it" : cat("it cannot be brought here: ", missing.reason));
  return true;
}

// The mirror saw what it is at the upstream.
bool TreeAudit::is_left_out(const RelPath& path, const EventRow& row) {
  if (!state_) return false;
  const auto found = state_->left_out.find(path.text());
  if (found == state_->left_out.end() || found->second.epoch != row.epoch()) return false;
  report_.left_out.add(Check::left_out, path.text(),
                       found->second.link ? "it is a link that leads out of the tree, which no mirror takes"
                                          : "it is neither file nor link, so no mirror takes it");
  return true;
}

// Of a mirror: it neither writes nor deletes there, whatever its index says.
bool TreeAudit::is_in_inner_target(const std::string& path) {
  if (!state_ || !inner_.cover(path)) return false;
  auto directory = path.substr(0, path.rfind('/'));
  while (inner_.cover(directory)) directory.resize(directory.rfind('/'));
  note_inner_tree(directory);
  return true;
}

void TreeAudit::note_inner_tree(const std::string& directory) {
  if (other_trees_.insert(directory).second)
    report_.left_out.add(Check::left_out, directory,
                         "it is a tree of its own, which this mirror leaves alone with all that is in it");
}

bool TreeAudit::names_anything_in(const std::string& directory) {
  bool found = false;
  named_.for_each([&](const NewestEvents::Entry& entry) {
    found = found || (entry.value.type == EventType::new_ && is_inside(entry.path(), directory));
  });
  return found;
}

// As prune does.
bool TreeAudit::enters(const std::string& directory, const std::vector<sys::Dir::Entry>& entries) {
  const auto is_ours = [this](const std::string& path) { return named_.find(path) != nullptr; };
  if (!state_ || !target::is_another_tree(directory, entries, is_ours)) return true;
  note_inner_tree(directory);
  return false;
}

void TreeAudit::check_extra() {
  meter().begin("looking for what no index names", report_.files);
  const auto unread = [&](const std::string& directory, const Error& error) {
    if (names_anything_in(directory))
      report_.findings.add(Check::unread, directory, error.what());
    else
      report_.left_out.add(Check::left_out, directory, cat("the index names nothing in it; ", error.what()));
  };
  const auto file = [&](const std::string& name, sys::FileType) {
    meter().add(1);
    const auto* named = named_.find(name);
    if (named && named->value.type == EventType::new_) return;
    if (is_known_to_stay(name)) return;
    const bool queued = state_ && state_->deletes.contains(name);
    report_.findings.add(Check::extra, name,
                         queued  ? "the index says it is deleted; the delete is queued"
                         : named ? "the index says it is deleted"
                                 : "no index names it");
  };
  const auto enters = [&](const std::string& directory, const std::vector<sys::Dir::Entry>& entries) {
    return this->enters(directory, entries);
  };
  sys::walk_files(root_, bookkeeping_, "", {file, unread, enters});
}

// Noted as such: its delete cannot be done.
bool TreeAudit::is_known_to_stay(const std::string& name) {
  if (!state_) return false;
  const auto pending = state_->deletes.find(name);
  if (pending == state_->deletes.end() || pending->second.rounds == 0 || state::is_open(pending->second))
    return false;
  report_.known_missing.add(Check::known, name,
                            cat("its delete cannot be done here: ", pending->second.reason));
  return true;
}

// A partial mirror shows dirtymarks of its own, and remembers the upstream's.
const state::LevelProgress* TreeAudit::progress_of(const LevelReading& level) const {
  if (!state_) return nullptr;
  for (const auto& progress : state_->levels)
    if (progress.interval == level.interval)
      return report_.partial || same_dirtymark(progress.dirtymark, level.dirtymark) ? &progress : nullptr;
  return nullptr;
}

void TreeAudit::check_progress(const LevelReading& level) {
  if (!level.readable || !level.newest) return;
  const auto* progress = progress_of(level);
  if (progress && progress->done.covers(*level.newest, *level.oldest)) return;
  report_.complete = false;
  report_.findings.add(Check::state, level.file,
                       "is visible here, but the state does not say that all of it was mirrored");
}

void TreeAudit::check_state() {
  for (const auto& level : levels_) check_progress(level);
  const auto queued = std::ranges::count_if(state_->deletes, [](const auto& entry) {
    return entry.second.rounds == 0 || state::is_open(entry.second);
  });
  if (queued > 0) {
    report_.complete = false;
    report_.findings.add(Check::state, "",
                         cat(counted(static_cast<std::uint64_t>(queued), "delete"), " queued"));
  }
  const auto open = state_->missing.size() - state::count_known(*state_);
  if (open > 0) {
    report_.complete = false;
    report_.findings.add(Check::state, "", cat(counted(open, "path"), " could not be transferred yet"));
  }
}

}  // namespace recentd::audit
