#include "watch/watcher.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "origin/unfit_paths.hpp"
#include "sys/heap.hpp"
#include "sys/notify/inotify.hpp"

namespace recentd::watch {

namespace {

const Log k_log("watch");
constexpr std::size_t k_many = 10'000;  // findings, that took memory to find
constexpr const char* k_parts = "other file systems are mounted in the tree; each directory is watched";

// An exact set of the tree's levels; the origin's own checks (a mirror's target, say) come first.
TreeLayout layout_of(const std::string& tree, const WatchOptions& options, const WriterOptions& writer,
                     Clock& clock) {
  Origin::open(tree, writer, clock, options.filenameroot);
  return open_tree(tree, options.filenameroot);
}

// What the levels are remarked on was told when the layout was read, and is not told with each batch.
WriterOptions without_remarks(WriterOptions writer, std::vector<std::string> told) {
  if (!writer.on_warning) return writer;
  writer.on_warning = [tell = writer.on_warning, told = std::move(told)](const std::string& message) {
    if (std::ranges::find(told, message) == told.end()) tell(message);
  };
  return writer;
}

}  // namespace

Watcher::Watcher(const std::string& tree, const WatchOptions& options, const WriterOptions& writer,
                 Clock& clock, WatchObserver& observer, const std::optional<TimePoint>& since,
                 const KeptMounts& mounts)
    : tree_(tree),
      options_(options),
      clock_(clock),
      observer_(observer),
      layout_(layout_of(tree, options, writer, clock)),
      writer_(without_remarks(writer, layout_.remarks)),
      root_(layout_.root),
      rules_{Bookkeeping(layout_.filenameroot), options.filter},
      held_(options.max_delete, clock.steady()) {
  choose_source(mounts);
  compare_all(since, options_.max_delete);
  if (outgrown()) {
    k_log.info(k_parts);
    pump_.reset();
    source_ = inotify_source(root_);
    pump_ = std::make_unique<Pump>(*source_);
    make_look(this->mounts());
    compare_all(since, options_.max_delete);
  }
  tell_left_out();
  tell_links();
  tell_gaps();
  tell_mounts();
}

bool Watcher::outgrown() const {
  return options_.method == WatchOptions::Method::automatic && source_->directories() == 0 &&
         !look_->mounts().all().empty();
}

void Watcher::warn(const std::string& text) const {
  if (writer_.on_warning) {
    writer_.on_warning(text);
  } else {
    k_log.warning(text);
  }
}

void Watcher::choose_source(const KeptMounts& mounts) {
  using Method = WatchOptions::Method;
  std::string why;
  const bool parts = options_.method == Method::automatic && !mounts.by_path.empty();
  if (parts) k_log.info(k_parts);
  if (options_.method != Method::inotify && !parts) source_ = fanotify_source(root_, &why);
  if (!source_ && options_.method == Method::fanotify) {
    throw Error(Kind::io,
                cat("fanotify cannot watch ", escaped(layout_.root), " (", why,
                    "); it needs root's privileges, `--method inotify` does not"),
                layout_.root);
  }
  if (!source_) source_ = inotify_source(root_);
  pump_ = std::make_unique<Pump>(*source_);
  make_look(mounts);
}

void Watcher::make_look(const KeptMounts& mounts) {
  auto look = std::make_unique<Look>(root_, rules_, known_, *source_, clock_,
                                     [this](const std::string& text) { warn(text); });
  look->expect_mounts(mounts);
  look->deliver_to([this](std::deque<Finding>& findings, bool judged) {
    if (in_round_ && !judged) may_tell(findings, 0);
    write(findings);
  });
  look_ = std::move(look);
}

void Watcher::compare_all(const std::optional<TimePoint>& since, const DeleteLimit& limit) {
  tell_held(look_->compare(layout_, {""}, since, within_limit(limit)));
  auto findings = look_->take();
  write(findings);
}

void Watcher::tell_links() {
  if (!look_->too_many_links()) return seldom_.links.over();
  if (seldom_.links.due(clock_.steady()))
    warn(cat("more than ", Links::k_names_max, " names of ", escaped(layout_.root),
             " belong to files with several of them; of the rest, a change is told of the name alone under "
             "which it was made, and of the others at the next start"));
}

void Watcher::tell_left_out() const {
  for (const auto why : LeftOut::k_all)
    if (const auto remark = look_->left_out().remark(why)) warn(*remark);
}

void Watcher::tell_held(const Look::Comparison& result) {
  if (!held_.set(result.held, clock_.steady())) return;
  warn(cat(held_.count(), " of ", result.present, " files that the index of ", escaped(layout_.root),
           " tells are not on disk, ", options_.max_delete.objection(held_.count(), result.present),
           "; they are not deleted from the index. Is a file system not mounted? If they are "
           "really gone, start once with --max-delete none, or run `recentd fsck ",
           shell_word(layout_.root), " --repair=index --max-delete none`"));
}

// What is not watched: for want of watches, or because the mark does not reach there.
std::set<std::string> Watcher::gaps() const {
  std::set<std::string> all;
  for (const auto& [directory, failure] : source_->uncovered()) all.insert(directory);
  if (source_->directories() == 0) all.insert(look_->mounts().all().begin(), look_->mounts().all().end());
  return Pending::topmost(all);
}

void Watcher::tell_gaps() {
  auto missing = source_->uncovered();
  // Told when it was to be read.
  std::erase_if(missing, [](const auto& gap) { return gap.second == EACCES; });
  if (missing.empty()) return seldom_.gaps.over();
  if (!seldom_.gaps.due(clock_.steady(), missing.size())) return;
  auto gap = std::ranges::find(missing, ENOSPC, [](const auto& one) { return one.second; });
  const bool too_few = gap != missing.end();
  if (!too_few) gap = missing.begin();
  warn(cat(missing.size(), " of ", source_->directories(), " directories of ", escaped(layout_.root),
           " cannot be watched, ", escaped(layout_.root + "/" + gap->first), " for one",
           too_few ? "" : cat(" (", std::strerror(gap->second), ")"),
           "; they are looked through with each aggregation instead", too_few ? more_watches() : ""));
}

std::string Watcher::more_watches() const {
  const auto limit = sys::Inotify::watch_limit();
  return cat(". fs.inotify.max_user_watches is ", limit ? std::to_string(*limit) : "not known",
             ", this tree alone needs ", source_->directories(),
             ": raise it with `sysctl fs.inotify.max_user_watches=", source_->directories() * 2, "`");
}

void Watcher::tell_mounts() {
  const auto& mounts = look_->mounts().all();
  if (source_->directories() > 0 || mounts.empty()) return seldom_.mounts.over();
  if (outgrown()) return;  // not for long
  if (!seldom_.mounts.due(clock_.steady(), mounts.size())) return;
  warn(cat("fanotify does not reach into the file systems mounted below ", escaped(layout_.root), ", ",
           escaped(layout_.root + "/" + *mounts.begin()),
           " for one; they are looked through with each aggregation instead. `--method auto` follows them"));
}

bool Watcher::root_is_another() const {
  const auto now = sys::stat_path(layout_.root);
  const auto then = root_.facts();
  return !now || now->inode != then.inode || now->device != then.device;
}

void Watcher::check_root() const {
  if (!root_is_another()) return;
  throw Error(Kind::io,
              cat(escaped(layout_.root),
                  " is away, or another directory than before; nothing is told of it until "
                  "it is there again, and then it is compared with its index"),
              layout_.root);
}

void Watcher::collect() {
  std::string raw;
  while (!pending_.full() && !(raw = pump_->take()).empty()) {
    source_->translate(raw, [this](Hint hint) {
      if (hint.path.empty() && hint.what != Hint::What::lost) return;
      if (hint.what == Hint::What::lost || (rules_.enters(hint.path) && !look_->rests(hint)))
        pending_.add(std::move(hint));
    });
  }
  caught_up_ = pump_->is_empty();
}

void Watcher::check_mounts() {
  for (auto& mount : look_->check_mounts()) pending_.add({Hint::What::mounted, std::move(mount)});
}

void Watcher::accept_unmounted(const std::set<std::string>& paths) {
  for (const auto& path : paths) {
    if (!look_->accept_unmounted(path)) continue;
    k_log.info("a file system is gone for good, by an operator's word", {{"at", path}});
    pending_.add({Hint::What::mounted, path});
  }
}

// What was held below a file system that is there again is judged as a whole: much may have happened to it.
void Watcher::compare_part(const std::set<std::string>& directories) {
  if (directories.empty()) return;
  const auto result = look_->compare(layout_, directories, std::nullopt, within_limit(options_.max_delete));
  if (held_.count() == 0) tell_held(result);
}

void Watcher::look() {
  check_mounts();
  compare_part(pending_.mounted());
  // Directories first: a name is looked at when its end would be told.
  for (const auto& directory : pending_.new_directories()) look_->into(directory);
  for (const auto& path : pending_.paths())
    look_->at(std::string(path.path), path.complete ? Reason::complete : Reason::found);
  look_->find_links();
  const auto whole = within_limit(DeleteLimit::none());
  if (!pending_.lost()) return look_->behind(layout_, pending_.gone_directories(), whole);
  k_log.info("the kernel lost count of changes; disk and index are compared");
  source_->forget_uncovered();
  // We were there all the time, and know what is mounted; what is gone is judged with the rest.
  look_->compare(layout_, {""}, std::nullopt, whole);
}

void Watcher::work_off() {
  check_root();
  std::deque<Finding> findings;
  struct Round {
    explicit Round(bool& flag) : in_round(flag) { in_round = true; }
    ~Round() { in_round = false; }
    bool& in_round;
  } const round(in_round_);
  try {
    look();
    findings = look_->take();
    pending_ = Pending();
    may_tell(findings, 0);
    write(findings);
  } catch (const Error&) {
    // What had been found before it went wrong is found again.
    for (auto& finding : look_->take()) pending_.add_path(std::move(finding.path));
    for (auto& finding : findings) pending_.add_path(std::move(finding.path));
    throw;
  }
  tell_gaps();
}

// Deletes that the kernel told of one by one may still be one accident. Held back, and taken out here, they
// are as if a comparison had found them: the next one judges all that is gone by then.
bool Watcher::may_tell(std::deque<Finding>& findings, std::uint64_t more_deletes) {
  const auto is_delete = [](const Finding& finding) { return finding.type == EventType::delete_; };
  Turnover turnover{0, more_deletes};
  for (const auto& finding : findings) {
    turnover.went += is_delete(finding) ? 1 : 0;
    turnover.came += !is_delete(finding) && !known_.find(finding.path) ? 1 : 0;
  }
  if (!held_.hold(turnover, known_.size(), clock_.steady())) return true;
  std::erase_if(findings, is_delete);
  tell_held({held_.count() + turnover.went, known_.size()});
  return false;
}

// What a comparison finds; in a round it is judged with what the kernel told.
Findings::MayTell Watcher::within_limit(const DeleteLimit& limit) {
  return [this, limit](std::deque<Finding>& gathered, std::uint64_t deletes, std::uint64_t present) {
    const bool allowed = limit.allows(deletes, present);
    return in_round_ ? may_tell(gathered, allowed ? deletes : 0) && allowed : allowed;
  };
}

void Watcher::remark_on(const std::deque<Finding>& findings) {
  UnfitPaths unfit;
  for (const auto& finding : findings)
    if (finding.type == EventType::new_ && UnfitPaths::is_unfit(finding.path)) unfit.note(finding.path);
  const auto remark = unfit.remark();
  if (remark && seldom_.unfit.due(clock_.steady())) warn(*remark);
}

// Leaves in `findings` what was not written.
void Watcher::write(std::deque<Finding>& findings) {
  if (findings.empty()) return;
  remark_on(findings);
  auto origin = Origin::open(tree_, writer_, clock_, options_.filenameroot);
  while (!findings.empty()) {
    check_root();
    const auto n = static_cast<std::ptrdiff_t>(std::min(findings.size(), options_.batch_size));
    if (findings.size() >= k_many) sys::give_back_memory();
    std::vector<UpdateRequest> requests;
    requests.reserve(static_cast<std::size_t>(n));
    for (auto at = findings.begin(); at != findings.begin() + n; ++at)
      requests.push_back({at->path, at->type, {}});
    origin.batch_update(requests);
    for (auto at = findings.begin(); at != findings.begin() + n; ++at) {
      if (at->type == EventType::new_) {
        known_.set(at->path, at->print);
      } else {
        known_.erase(at->path);
      }
      observer_.registered(at->path, at->type);
    }
    findings.erase(findings.begin(), findings.begin() + n);
    observer_.alive();
  }
  observer_.round_done();
}

void Watcher::look_into_gaps() {
  const auto directories = gaps();
  if (directories.empty()) return;
  source_->forget_uncovered();
  compare_part(directories);
  auto findings = look_->take();
  write(findings);
  tell_gaps();
}

void Watcher::tend() {
  check_root();
  check_mounts();
  for (auto& mount : look_->find_mounts()) {
    k_log.info("a file system was mounted in the tree", {{"at", mount}});
    pending_.add({Hint::What::directory_appeared, std::move(mount)});
  }
  if (auto rested = look_->rested()) {
    for (auto& path : *rested) pending_.add({Hint::What::made, std::move(path)});
  } else {
    pending_.add_lost();
  }
  tell_mounts();
  look_into_gaps();
  if (held_.look_again(clock_.steady())) compare_all(std::nullopt, options_.max_delete);
  if (options_.aggregate <= std::chrono::nanoseconds::zero()) return;
  sys::give_back_memory();
  auto origin = Origin::open(tree_, writer_, clock_, options_.filenameroot);
  for (const auto& interval : origin.aggregate().merged_into)
    k_log.debug("level written", {{"interval", interval}});
  observer_.round_done();
}

}  // namespace recentd::watch
