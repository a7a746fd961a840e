#include <unistd.h>

#include <recentd/error.hpp>
#include <recentd/origin.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "origin/first_events.hpp"
#include "origin/old_set.hpp"
#include "origin/settings.hpp"
#include "origin/walk.hpp"
#include "origin/writer.hpp"
#include "sys/dir.hpp"
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
  void write_set(const EventList& events);
  void renew_newest(EventList& events) const;
  void write_one(std::size_t level, const EventList& events);
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
  InitReport report_;
};

void Init::check_root() const {
  const auto facts = sys::stat_path(root_);
  if (!facts || facts->type != sys::FileType::directory) {
    throw Error(Kind::missing, cat(escaped(root_), " is no directory; name the tree's root"), root_);
  }
  refuse_mirror_target(root_);
}

void Init::make_way() {
  const std::vector<std::string> old = files_of_set(root_, settings_.filenameroot);
  if (old.empty()) return;
  if (!options_.force) {
    throw Error(Kind::refused,
                cat(escaped(root_), " has an index already (", escaped(old.front()),
                    "); go on with `recentd update ", escaped(root_),
                    " --new PATH`, or make a new one with `recentd init --force ", escaped(root_), "`"),
                root_);
  }
  const std::string place = state_directory(root_, options_.state_directory);
  report_.moved_to = writer_.dry_run ? place : move_set_away(root_, old, place, clock_);
}

void Init::write_one(std::size_t level, const EventList& events) {
  const bool last = level + 1 == levels_.size();
  EventList part;
  part.adopt(events);
  const std::size_t n = last ? events.rows.size() : within(events, levels_[level].seconds());
  part.rows.assign(events.rows.begin(), events.rows.begin() + static_cast<std::ptrdiff_t>(n));
  Meta meta;
  meta.protocol = settings_.protocol;
  if (!settings_.aggregator.empty()) meta.aggregator = settings_.aggregator;
  meta.comment = settings_.comment;
  meta.canonize = settings_.canonize;
  meta.dirtymark = now_;
  // All levels hold the newest event, so each is merged up to it.
  if (!last && n > 0)
    meta.merged = Merged{Epoch(events.rows.front().epoch()), levels_[level + 1].spec(), now_};
  write_level(file(level), meta, part, {}, policy_, clock_);
}

// The largest first: whoever reads meanwhile sees no level that promises what is not there yet.
void Init::write_set(const EventList& events) {
  const std::size_t count = events.rows.empty() ? 1 : levels_.size();
  for (std::size_t level = count; level-- > 0;) {
    if (!writer_.dry_run) write_one(level, events);
    report_.written.push_back(file(level).name.file());
  }
  report_.written.push_back(link_name(settings_.filenameroot));
  if (writer_.dry_run) return;
  sys::replace_symlink(root_ + "/" + link_name(settings_.filenameroot), file(0).name.file(),
                       root_ + "/" + link_temp_name(settings_.filenameroot, ::getpid()), policy_.fsync);
}

// The set before this one may have told newer events than any file's time; mirrors would take this one for a
// rollback of the tree.
void Init::renew_newest(EventList& events) const {
  const Epoch now = Epoch::from_time(clock_.now());
  if (events.rows.empty() || events.rows.front().epoch() >= now.view()) return;
  const std::string path(events.rows.front().path());
  events.rows.front() = events.make_row(now.view(), path, EventType::new_);
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
  make_way();
  const Bookkeeping bookkeeping(settings_.filenameroot);
  std::vector<TreeFile> files =
      walk_tree(root_, bookkeeping, [this](const std::string& text) { warn(text); });
  report_.files = files.size();
  now_ = Epoch::from_time(clock_.now()).text();
  const std::int64_t last_second =
      std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
  std::size_t clamped = 0;
  for (const TreeFile& entry : files) clamped += entry.mtime_s > last_second ? 1 : 0;
  if (clamped > 0) warn(cat(clamped, " files have times in the future; they count as new now"));
  EventList events = first_events(std::move(files), clock_.now());
  if (report_.moved_to) renew_newest(events);
  write_set(events);
  return std::move(report_);
}

}  // namespace

InitReport init_origin(const std::string& root, const OriginSettings& settings, const InitOptions& options,
                       const WriterOptions& writer, Clock& clock) {
  return Init(absolute_path(root), settings, options, writer, clock).run();
}

}  // namespace recentd
