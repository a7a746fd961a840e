#include <algorithm>
#include <set>

#include <recentd/error.hpp>
#include <recentd/origin.hpp>

#include "base/log.hpp"
#include "base/meter.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "origin/convert_plan.hpp"
#include "origin/old_set.hpp"
#include "origin/settings.hpp"
#include "origin/writer.hpp"
#include "recentfile/order.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/dir.hpp"
#include "tree/tree.hpp"

namespace recentd {

namespace {

// One call of convert_origin().
class Convert {
 public:
  Convert(TreeLayout layout, const Conversion& conversion, const WriterOptions& writer, Clock& clock)
      : layout_(std::move(layout)),
        conversion_(conversion),
        writer_(writer),
        clock_(clock),
        policy_(store_policy(writer)),
        suffix_(conversion.serializer_suffix.value_or(layout_.suffix)) {}

  ConversionReport run() {
    refuse_mirror_target(layout_.root);
    lock();
    // What it is now, not what it was before the lock.
    const TreeLayout locked = open_again();
    if (locked.suffix != layout_.suffix || locked.levels != layout_.levels)
      throw Error(Kind::locked, cat("the index set of ", escaped(layout_.root),
                                    " was changed by somebody else meanwhile; look at it and try again"));
    std::vector<KnownLevel> known = read_levels();
    const std::vector<Interval> chain = new_chain(known.front().content->meta);
    const std::string now = Epoch::from_time(clock_.now()).text();
    const Meta before = known.front().content->meta;
    auto planned = plan_conversion(std::move(known), chain, conversion_.keep_delete_objects_forever, now);
    write(planned, before);
    if (!writer_.dry_run && renames()) replace_link();
    move_away(chain);
    Writer writer(file(chain.front()), std::nullopt, writer_, clock_);
    writer.hold_locks();
    writer.offer();
    if (!writer_.dry_run) release_orphans(chain);
    return std::move(report_);
  }

 private:
  [[nodiscard]] TreeLayout open_again() const {
    const std::string link = layout_.root + "/" + link_name(layout_.filenameroot);
    return open_tree(sys::lstat_path(link) ? link : layout_.file(0).path());
  }
  [[nodiscard]] bool renames() const { return suffix_ != layout_.suffix; }
  [[nodiscard]] LevelFile file(const Interval& interval) const {
    return {layout_.root, {layout_.filenameroot, interval.spec(), suffix_}};
  }

  void lock() {
    if (writer_.dry_run) return;
    root_lock_ = lock_root(layout_.root, writer_.locktimeout, clock_);
    for (std::size_t i = 0; i < layout_.levels.size(); ++i) lock_file(layout_.file(i).name.file());
  }
  void lock_file(const std::string& name) {
    level_locks_.push_back(
        LevelLock::acquire(layout_.root, name, layout_.filenameroot, writer_.locktimeout, clock_));
    sys::unlink_file(layout_.root + "/" + temp_name(name));
  }

  std::vector<KnownLevel> read_levels() const {
    std::vector<KnownLevel> known;
    meter().begin("reading levels", layout_.levels.size());
    for (std::size_t i = 0; i < layout_.levels.size(); ++i) {
      const LevelFile from = layout_.file(i);
      auto content = i == 0 ? read_principal(from, Reader::writer) : read_level(from, Reader::writer);
      if (i == 0 && !content)
        throw Error(Kind::missing,
                    cat(escaped(from.path()), " is missing; `recentd fsck ", shell_word(from.root),
                        "` tells what else is"),
                    from.path());
      if (content && !writer_.force) refuse_disagreement(from, content->meta);
      known.push_back({layout_.levels[i], std::move(content)});
      meter().add(1);
    }
    return known;
  }

  // Checked like the settings of a new set.
  std::vector<Interval> new_chain(const Meta& meta) const {
    OriginSettings settings;
    settings.interval = layout_.principal().spec();
    settings.filenameroot = layout_.filenameroot;
    settings.serializer_suffix = suffix_;
    settings.aggregator =
        conversion_.aggregator.value_or(meta.aggregator.value_or(std::vector<std::string>{}));
    // A chain that is not to change need not end with Z.
    return checked_levels(settings, conversion_.allow_no_z || !conversion_.aggregator);
  }

  void apply(Meta& meta) const {
    if (conversion_.aggregator) meta.aggregator = *conversion_.aggregator;
    if (!conversion_.comment) return;
    meta.comment = conversion_.comment->empty() ? std::nullopt : conversion_.comment;
  }

  [[nodiscard]] bool changes_meta(const Meta& before) const {
    Meta after = before;
    apply(after);
    return after.aggregator != before.aggregator || after.comment != before.comment;
  }

  // What grows comes first, then the principal, from which on the new chain counts, then what tells of it.
  void write(std::vector<PlannedLevel>& levels, const Meta& before) {
    const bool all = renames() || changes_meta(before);
    std::vector<std::size_t> order;
    const auto add = [&](auto wanted) {
      for (std::size_t i = levels.size(); i-- > 1;)
        if (levels[i].content && wanted(levels[i])) order.push_back(i);
    };
    if (renames()) {
      add([](const PlannedLevel&) { return true; });
    } else {
      add([](const PlannedLevel& level) { return level.is_new || level.grows; });
    }
    if (all) order.push_back(0);
    if (!renames())
      add([&](const PlannedLevel& level) { return !level.is_new && !level.grows && (all || level.shrinks); });
    meter().begin("writing levels", order.size());
    for (const std::size_t i : order) {
      write_one(levels[i]);
      meter().add(1);
    }
    // No larger level is ever empty.
    for (const PlannedLevel& level : levels)
      if (!level.content && level.shrinks) emptied_.insert(level.interval.spec());
  }

  void write_one(PlannedLevel& level) {
    const LevelFile to = file(level.interval);
    report_.written.push_back(to.name.file());
    if (writer_.dry_run) return;
    LevelContent& content = *level.content;
    apply(content.meta);
    if (content.disordered) {
      space_ties(content.events, {});
      warn(cat(escaped(to.path()), ": events out of order or with equal epochs; sorted"));
    }
    std::optional<std::int64_t> mtime;
    if (!level.is_new) mtime = content.mtime_s;
    write_level(to, content.meta, content.events, mtime, policy_, clock_);
  }

  void warn(const std::string& text) const {
    if (writer_.on_warning)
      writer_.on_warning(text);
    else
      Log("convert").warning(text);
  }

  void replace_link() const {
    const std::string& root = layout_.filenameroot;
    sys::replace_symlink(layout_.root + "/" + link_name(root), file(layout_.principal()).name.file(),
                         layout_.root + "/" + link_temp_name(root, sys::own_pid()), policy_.fsync);
  }

  // Files of the set that no level stands behind any more, also those that a crash left behind.
  void move_away(const std::vector<Interval>& chain) {
    std::vector<std::string> old;
    for (const std::string& name : files_of_set(layout_.root, layout_.filenameroot)) {
      const auto level = split_level_name(name);
      if (!level || level->file() != name) continue;
      const bool in_chain = std::ranges::any_of(
          chain, [&](const Interval& interval) { return interval.spec() == level->interval; });
      const bool other_format = level->suffix != suffix_ && conversion_.serializer_suffix.has_value();
      const bool left_out = level->suffix == suffix_ && !in_chain && conversion_.aggregator.has_value();
      const bool emptied = level->suffix == suffix_ && emptied_.contains(level->interval);
      if (other_format || left_out || emptied) old.push_back(name);
    }
    if (old.empty()) return;
    const std::string place = state_directory(layout_.root, conversion_.state_directory);
    report_.moved_to = writer_.dry_run ? place : move_set_away(layout_.root, old, place, clock_);
  }

  // The locks that a dead process left on files that are no longer of the set.
  void release_orphans(const std::vector<Interval>& chain) {
    level_locks_.clear();
    const auto entries = sys::Dir(layout_.root).list("").value_or(std::vector<sys::Dir::Entry>{});
    for (const auto& entry : entries) {
      constexpr std::string_view k_lock = ".lock";
      if (!entry.name.ends_with(k_lock)) continue;
      const auto level = split_level_name(entry.name.substr(0, entry.name.size() - k_lock.size()));
      if (!level || lock_name(level->file()) != entry.name || level->filenameroot != layout_.filenameroot)
        continue;
      const bool in_chain =
          level->suffix == suffix_ && std::ranges::any_of(chain, [&](const Interval& interval) {
            return interval.spec() == level->interval;
          });
      if (!in_chain) release(level->file());
    }
  }
  void release(const std::string& file) {
    try {
      (void)LevelLock::acquire(layout_.root, file, layout_.filenameroot, writer_.locktimeout, clock_);
    } catch (const Error& error) {
      if (error.kind() != Kind::locked) throw;
      warn(error.what());
    }
  }

  TreeLayout layout_;
  const Conversion& conversion_;
  const WriterOptions& writer_;
  Clock& clock_;
  StorePolicy policy_;
  std::string suffix_;
  std::optional<sys::FileLock> root_lock_;
  std::vector<LevelLock> level_locks_;
  std::set<std::string> emptied_;  // intervals
  ConversionReport report_;
};

}  // namespace

ConversionReport convert_origin(const std::string& tree, const Conversion& conversion,
                                const WriterOptions& writer, Clock& clock,
                                const std::optional<std::string>& filenameroot) {
  return Convert(open_tree(tree, filenameroot), conversion, writer, clock).run();
}

}  // namespace recentd
