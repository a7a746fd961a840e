#include <algorithm>

#include <recentd/error.hpp>
#include <recentd/origin.hpp>

#include "base/log.hpp"
#include "base/meter.hpp"
#include "base/place.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "origin/first_events.hpp"
#include "origin/init_marker.hpp"
#include "origin/kept_mounts.hpp"
#include "origin/old_set.hpp"
#include "origin/settings.hpp"
#include "origin/walk.hpp"
#include "origin/writer.hpp"
#include "recentfile/lock_directory.hpp"
#include "recentfile/shared_levels.hpp"
#include "sys/place_facts.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/dir.hpp"
#include "tree/tree.hpp"

namespace recentd {

namespace {

// One call of init_origin().
class Init {
 public:
  Init(std::string root, const OriginSettings& settings, const InitOptions& options,
       const WriterOptions& writer, Clock& clock)
      : root_(std::move(root)),
        settings_(settings),
        options_(options),
        writer_(writer),
        clock_(clock),
        levels_(checked_levels(settings, options.allow_no_z)),
        policy_(store_policy(writer)) {}

  InitReport run();

 private:
  void check_root() const;
  void make_way();
  void look_at_mounts() const;
  TreeFiles find_files();
  void write_set(const FirstEvents& events);
  [[nodiscard]] SharedLevel level_of(std::size_t level, const FirstEvents& events) const;
  [[nodiscard]] LevelFile file(std::size_t level) const {
    return {root_, {settings_.filenameroot, levels_[level].spec(), settings_.serializer_suffix}};
  }
  void warn(const std::string& text) const {
    if (writer_.on_warning) {
      writer_.on_warning(text);
    } else {
      Log("init").warning(text);
    }
  }

  std::string root_;
  const OriginSettings& settings_;
  const InitOptions& options_;
  const WriterOptions& writer_;
  Clock& clock_;
  std::vector<Interval> levels_;
  StorePolicy policy_;
  std::string now_;
  bool was_linked_ = false;  // an interrupted init had made the link already
  InitReport report_;
};

void Init::check_root() const {
  const auto facts = sys::stat_path(root_);
  if (!facts || facts->type != sys::FileType::directory) {
    throw Error(Kind::missing, cat(escaped(root_), " is no directory; name the tree's root"), root_);
  }
  refuse_mirror_target(root_);
  const auto place = sys::place_facts(root_);
  const auto reason = options_.force_place ? std::nullopt : reason_against(place, Purpose::origin);
  if (reason)
    throw Error(Kind::refused,
                cat(escaped(root_), " ", *reason,
                    "; nothing was changed. Name the root of the files that are to be served, or add "
                    "--force-target to index this one"),
                root_);
  for (const auto& overlap : overlaps(place))
    warn(cat(escaped(root_), " ", overlap, "; better keep trees apart"));
}

void Init::make_way() {
  const std::vector<std::string> rest = rest_of_init(root_, settings_.filenameroot);
  std::vector<std::string> old = files_of_set(root_, settings_.filenameroot);
  std::erase_if(old, [&](const std::string& name) { return std::ranges::find(rest, name) != rest.end(); });
  // Readers may have followed it since.
  was_linked_ = !rest.empty() && rest.front() == link_name(settings_.filenameroot);
  if (!writer_.dry_run) remove_rest(root_, rest);
  if (old.empty()) return;
  const bool unfinished = sys::lstat_path(cat(root_, "/", init_name(settings_.filenameroot))).has_value();
  if (!options_.force && unfinished) {
    throw Error(Kind::refused,
                cat("an interrupted `recentd init --force` left a part of the index that ", escaped(root_),
                    " had before (", escaped(old.front()), "); `recentd init --force ", shell_word(root_),
                    "` goes on"),
                root_);
  }
  if (!options_.force) {
    throw Error(Kind::refused,
                cat(escaped(root_), " has an index already (", escaped(old.front()),
                    "); go on with `recentd update ", shell_word(root_),
                    " --new PATH`, or make a new one with `recentd init --force ", shell_word(root_), "`"),
                root_);
  }
  const std::string place = state_directory(root_, options_.state_directory);
  report_.moved_to = place;
  if (writer_.dry_run) return;
  // What is left halfway must not pass for a set, and must not be removed.
  put_marker(root_, settings_.filenameroot, {}, policy_.fsync);
  report_.moved_to = move_set_away(root_, old, place, clock_);
}

SharedLevel Init::level_of(std::size_t level, const FirstEvents& events) const {
  SharedLevel out{file(level), {}, events.size()};
  const bool last = level + 1 == levels_.size();
  if (!last) out.events = events.within(levels_[level].seconds());
  Meta& meta = out.meta;
  meta.protocol = settings_.protocol;
  if (!settings_.aggregator.empty()) meta.aggregator = settings_.aggregator;
  meta.comment = settings_.comment;
  meta.canonize = settings_.canonize;
  meta.dirtymark = now_;
  // All levels hold the newest event, so each is merged up to it.
  if (!last && out.events > 0) meta.merged = Merged{events.epoch_of(0), levels_[level + 1].spec(), now_};
  return out;
}

// The principal last: whoever reads meanwhile is told of no level that is not there yet.
void Init::write_set(const FirstEvents& events) {
  std::vector<SharedLevel> levels;
  for (std::size_t level = events.size() == 0 ? 1 : levels_.size(); level-- > 0;)
    levels.push_back(level_of(level, events));
  for (const SharedLevel& level : levels) report_.written.push_back(level.file.name.file());
  report_.written.push_back(link_name(settings_.filenameroot));
  if (writer_.dry_run) return;
  put_marker(root_, settings_.filenameroot, {report_.written.begin(), report_.written.end() - 1},
             policy_.fsync);
  write_shared_levels(std::move(levels), events, policy_, clock_);
  sys::replace_symlink(root_ + "/" + link_name(settings_.filenameroot), file(0).name.file(),
                       root_ + "/" + link_temp_name(settings_.filenameroot, sys::own_pid()), policy_.fsync);
  remove_marker(root_, settings_.filenameroot, policy_.fsync);
}

// For those who look later: what lies below a file system that is away then is not deleted.
void Init::look_at_mounts() const {
  try {
    const sys::Dir root(root_);
    const std::string place = state_directory(root_, options_.state_directory);
    for (const auto& [path, mount] : absent_mounts(root, read_mounts(place, root)))
      warn(cat("the file system at ", escaped(root_), "/", escaped(path),
               " is not mounted, so its files are not indexed; mount it and run `recentd init --force ",
               shell_word(root_), "`"));
    if (!writer_.dry_run) remember_mounts(place, root, {});
  } catch (const Error& error) {
    if (error.kind() != Kind::usage) warn(cat(error.what(), "; which file systems are mounted is not kept"));
  }
}

TreeFiles Init::find_files() {
  meter().begin("reading the tree");
  TreeFiles files = walk_tree(root_, Bookkeeping(settings_.filenameroot), options_.filter, clock_.now(),
                              [this](const std::string& text) { warn(text); });
  report_.files = files.rows.size();
  const auto last_second = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
  const auto past = std::find_if(files.rows.begin(), files.rows.end(),
                                 [&](const TreeFile& file) { return file.mtime_s <= last_second; });
  const auto clamped = past - files.rows.begin();
  if (const auto remark = files.unfit.remark()) warn(*remark);
  for (const auto why : LeftOut::k_all)
    if (const auto remark = files.left_out.remark(why)) warn(*remark);
  if (clamped > 0) warn(cat(clamped, " files have times in the future; they count as new now"));
  return files;
}

InitReport Init::run() {
  check_root();
  std::optional<sys::FileLock> root_lock;
  std::optional<LevelLock> level_lock;
  if (!writer_.dry_run) {
    root_lock = lock_root(root_, writer_.locktimeout, clock_);
    level_lock =
        LevelLock::acquire(root_, file(0).name.file(), settings_.filenameroot, writer_.locktimeout, clock_);
  }
  if (!writer_.dry_run) sweep_spares(root_, settings_.filenameroot);
  make_way();
  look_at_mounts();
  TreeFiles files = find_files();
  now_ = Epoch::from_time(clock_.now()).text();
  FirstEvents events(std::move(files), clock_.now());
  if (report_.moved_to || was_linked_) events.renew_newest();
  std::optional<DetailsTable> details;
  if (writer_.record.any()) {
    meter().begin("reading what is to be recorded", events.size());
    details.emplace(root_, Bookkeeping(settings_.filenameroot), events.files().rows, writer_.record);
    events.set_details(*details);
  }
  meter().begin("writing the index", events.size());
  write_set(events);
  Writer writer(file(0), std::nullopt, writer_, clock_);
  writer.hold_locks();
  writer.offer();
  return std::move(report_);
}

}  // namespace

InitReport init_origin(const std::string& root, const OriginSettings& settings, const InitOptions& options,
                       const WriterOptions& writer, Clock& clock) {
  return Init(absolute_path(root), settings, options, writer, clock).run();
}

}  // namespace recentd
