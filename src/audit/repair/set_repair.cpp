#include "audit/repair/set_repair.hpp"

#include <algorithm>

#include <recentd/error.hpp>

#include "audit/comparison.hpp"
#include "audit/repair/set_plan.hpp"
#include "base/text.hpp"
#include "origin/old_set.hpp"
#include "origin/writer.hpp"
#include "recentfile/lock.hpp"
#include "recentfile/order.hpp"
#include "sys/process/identity.hpp"

namespace recentd::audit {
namespace {

// A change may be announced that much later than it happened.
constexpr std::int64_t k_announced_within_s = 600;
constexpr std::size_t k_findings_max = 1;  // they are not told from here

// The newest event of each path over some levels, newest first.
EventList newest_events(const std::vector<LevelContent>& contents, const Bookkeeping& bookkeeping) {
  EventList all;
  NewestEvents named;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    all.adopt(contents[i].events);
    for (const auto& row : contents[i].events.rows)
      if (RelPath::check(row.path(), bookkeeping) == RelPath::Flaw::none &&
          named.add(row, static_cast<std::uint8_t>(i)) == NewestEvents::Named::first)
        all.rows.push_back(row);
  }
  sort_newest_first(all.rows);
  space_ties(all, {});
  return all;
}

void drop_doubles(EventList& events) {
  NewestEvents named;
  std::erase_if(events.rows, [&](const EventRow& row) {
    return RelPath::check(row.path(), Bookkeeping("\n")) == RelPath::Flaw::none &&
           named.add(row, 0) == NewestEvents::Named::again;
  });
}

void drop_deletes(EventList& events) {
  std::erase_if(events.rows, [](const EventRow& row) { return row.type == EventType::delete_; });
}

// How many events, from the newest on, a level of that length holds.
std::size_t within(const EventList& events, const Interval& interval) {
  const auto& rows = events.rows;
  if (rows.empty() || interval.is_z()) return rows.size();
  const auto bound = minus_seconds(rows.front().epoch(), interval.seconds());
  if (!bound) return rows.size();
  const auto end = std::partition_point(rows.begin(), rows.end(),
                                        [&](const EventRow& row) { return row.epoch() >= bound->view(); });
  return static_cast<std::size_t>(end - rows.begin());
}

class Repair {
 public:
  Repair(TreeLayout layout, const SetRepairOptions& options, Clock& clock)
      : layout_(std::move(layout)),
        options_(options),
        clock_(clock),
        bookkeeping_(layout_.filenameroot),
        policy_(store_policy(options.writer)) {}

  SetRepair run() {
    refuse_mirror_target(layout_.root);
    {
      const auto root_lock = lock_root(layout_.root, options_.writer.locktimeout, clock_);
      std::vector<LevelLock> level_locks;
      for (std::size_t i = 0; i < layout_.levels.size(); ++i)
        level_locks.push_back(LevelLock::acquire(layout_.root, layout_.file(i).name.file(),
                                                 layout_.filenameroot, options_.writer.locktimeout, clock_));
      if (!options_.fetched.empty()) install();
      work();
      mend_link();
    }
    if (plan_.aggregate && !dry_run()) {
      auto origin = Origin::open(layout_.root, options_.writer, clock_, layout_.filenameroot);
      origin.aggregate(true);
      origin.aggregate(true);
    }
    return std::move(report_);
  }

 private:
  [[nodiscard]] bool dry_run() const { return options_.writer.dry_run; }

  void work() {
    Findings findings(k_findings_max);
    IndexView view(layout_, Extent::whole, findings);
    readings_ = view.levels();
    plan_ = plan_repair(readings_);
    if (plan_.levels.front() == SetPlan::Level::rebuild) report_.rewound = true;
    report_.joined = plan_.aggregate;
    if (plan_.lost_above) lose_since(plan_.lost_above->key().seconds);
    for (std::size_t i = 0; i < readings_.size(); ++i)
      if (readings_[i].readable) contents_.push_back(*read_level(layout_.file(i), Reader::mirror));
    if (plan_.all_anew) return make_all_anew(view);
    for (std::size_t i = 0; i < readings_.size(); ++i) {
      if (plan_.levels[i] == SetPlan::Level::tidy || plan_.levels[i] == SetPlan::Level::unmerge) tidy(i);
      if (plan_.levels[i] == SetPlan::Level::rebuild) rebuild(i);
    }
    if (plan_.aggregate) tell("aggregate with force, twice, to join the levels");
  }

  void tell(std::string line) { report_.lines.push_back(std::move(line)); }
  void lose_since(std::int64_t second) {
    second -= k_announced_within_s;
    if (!report_.lost_since_s || second < *report_.lost_since_s) report_.lost_since_s = second;
  }

  void move_away(std::vector<std::string> files) {
    std::erase_if(files,
                  [&](const std::string& name) { return !sys::lstat_path(layout_.root + "/" + name); });
    if (files.empty()) return;
    const auto directory = state_directory(layout_.root, options_.state_directory);
    report_.kept_in = dry_run() ? directory : move_set_away(layout_.root, files, directory, clock_);
    for (const auto& name : files) tell(cat("move ", escaped(name), " to ", escaped(report_.kept_in)));
  }

  // The meta part of a level that is lost, as far as the others tell it.
  [[nodiscard]] Meta meta_for(std::size_t level) const {
    Meta meta;
    if (!contents_.empty()) {
      meta = contents_.front().meta;
      meta.merged.reset();
    } else if (layout_.levels.size() > 1) {
      meta.aggregator.emplace();
      for (std::size_t i = 1; i < layout_.levels.size(); ++i)
        meta.aggregator->push_back(layout_.levels[i].spec());
    }
    if (level > 0) meta.comment.reset(), meta.canonize.reset();  // the principal's alone
    return meta;
  }

  void tidy(std::size_t i) {
    tell(cat("write ", layout_.file(i).name.file(), " anew from its own events"));
    if (dry_run()) return;
    auto content = *read_level(layout_.file(i), Reader::mirror);
    drop_doubles(content.events);
    space_ties(content.events, {});
    if (plan_.levels[i] == SetPlan::Level::unmerge) content.meta.merged = Merged{};
    write_level(layout_.file(i), content.meta, content.events, content.mtime_s, policy_, clock_);
  }

  void rebuild(std::size_t i) {
    const auto file = layout_.file(i);
    move_away({file.name.file()});
    tell(cat("write ", file.name.file(), " anew from the other levels"));
    if (dry_run()) return;
    auto events = newest_events(contents_, bookkeeping_);
    events.rows.resize(within(events, layout_.levels[i]));
    write_level(file, meta_for(i), events, {}, policy_, clock_);
  }

  // Files that no level tells of count from their mtime, as in a new set.
  EventList all_events(IndexView& view) const {
    auto events = newest_events(contents_, bookkeeping_);
    const auto now_s = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
    auto found = compare(sys::Dir(layout_.root), bookkeeping_, view, {0, {}, 0, &options_.filter});
    NewestEvents hidden;
    for (const auto& suspect : found.suspects) {
      if (suspect.check != Check::extra && suspect.check != Check::hidden) continue;
      const auto second = std::clamp<std::int64_t>(suspect.status.disk->mtime_s, 1, now_s);
      auto row = events.make_row(Epoch::from_parts(second, 0, 0), suspect.path, EventType::new_);
      hidden.add(row, 0);
      events.rows.push_back(row);
    }
    std::erase_if(events.rows, [&](const EventRow& row) {
      return row.type == EventType::delete_ && hidden.find(row.path()) != nullptr;
    });
    sort_newest_first(events.rows);
    space_ties(events, {});
    return events;
  }

  void make_all_anew(IndexView& view) {
    std::vector<std::string> broken;
    for (std::size_t i = 0; i < readings_.size(); ++i)
      if (!readings_[i].readable) broken.push_back(readings_[i].file);
    move_away(std::move(broken));
    tell("write all levels anew from what is left of them and the disk, under a new dirtymark");
    if (dry_run()) return;
    const auto all = all_events(view);
    const auto dirtymark = Epoch::from_time(clock_.now()).text();
    std::optional<Merged> merged;
    for (std::size_t i = all.rows.empty() ? 1 : layout_.levels.size(); i-- > 0;) {
      EventList part;
      part.adopt(all);
      part.rows.assign(all.rows.begin(),
                       all.rows.begin() + static_cast<std::ptrdiff_t>(within(all, layout_.levels[i])));
      if (layout_.levels[i].is_z() && !options_.writer.keep_delete_objects_forever) drop_deletes(part);
      auto meta = meta_for(i);
      meta.dirtymark = dirtymark;
      meta.merged = merged;
      write_level(layout_.file(i), meta, part, {}, policy_, clock_);
      merged.reset();
      if (!part.rows.empty())
        merged = Merged{Epoch(part.rows.front().epoch()), layout_.levels[i].spec(), dirtymark};
    }
  }

  void mend_link() {
    const auto link = layout_.root + "/" + link_name(layout_.filenameroot);
    const auto principal = layout_.file(0).name.file();
    const auto target = sys::read_link(link);
    if (target == principal || (!target && sys::lstat_path(link))) return;
    tell(cat("lead ", link_name(layout_.filenameroot), " to ", principal));
    if (dry_run()) return;
    sys::replace_symlink(link, principal,
                         layout_.root + "/" + link_temp_name(layout_.filenameroot, sys::own_pid()),
                         policy_.fsync);
  }

  void install();
  void refuse_other_history(const LevelReading& ours, const LevelReading& theirs) const;

  TreeLayout layout_;
  const SetRepairOptions& options_;
  Clock& clock_;
  Bookkeeping bookkeeping_;
  StorePolicy policy_;
  std::vector<LevelReading> readings_;
  std::vector<LevelContent> contents_;  // of those that can be read
  SetPlan plan_;
  SetRepair report_;
};

// Under another dirtymark the same epochs mean other things.
void Repair::refuse_other_history(const LevelReading& ours, const LevelReading& theirs) const {
  if (!ours.readable || same_dirtymark(ours.dirtymark, theirs.dirtymark)) return;
  throw Error(Kind::refused,
              cat(quoted(ours.file),
                  " is whole here and has another dirtymark than the source's: it is of another "
                  "history. Repair without --from, or move it away first"),
              layout_.root);
}

// What the mirror has takes the place of what is broken, lost, or older here.
void Repair::install() {
  TreeLayout theirs = layout_;
  theirs.root = options_.fetched;
  Findings findings(k_findings_max);
  const auto fetched = IndexView(theirs, Extent::whole, findings).levels();
  for (const auto& level : fetched)
    if (level.exists && !level.readable)
      throw Error(Kind::corrupt,
                  cat("the source's ", quoted(level.file), " is broken as well; name another source"));
  const auto ours = IndexView(layout_, Extent::whole, findings).levels();
  refuse_other_history(ours.front(), fetched.front());
  std::vector<std::size_t> replaced;
  std::vector<std::string> away;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const bool good = ours[i].readable && same_dirtymark(ours[i].dirtymark, fetched.front().dirtymark) &&
                      (!fetched[i].newest || (ours[i].newest && *ours[i].newest >= *fetched[i].newest));
    if (good || !fetched[i].exists) continue;
    replaced.push_back(i);
    if (ours[i].exists) away.push_back(ours[i].file);
  }
  move_away(std::move(away));
  if (!replaced.empty() && replaced.front() == 0) {
    report_.rewound = true;
    lose_since(fetched.front().newest ? fetched.front().newest->key().seconds : 0);
  }
  // The largest first: whoever reads meanwhile sees no level that promises what is not there yet.
  for (std::size_t k = replaced.size(); k-- > 0;) {
    const auto file = layout_.file(replaced[k]);
    tell(cat("take ", file.name.file(), " from the source"));
    if (dry_run()) continue;
    const auto bytes = sys::read_file(theirs.file(replaced[k]).path());
    sys::AtomicFile out(file.path(), file.root + "/" + temp_name(file.name.file()), policy_.fsync);
    out.write(bytes->view());
    out.commit();
  }
}

}  // namespace

SetRepair repair_set(const TreeLayout& layout, const SetRepairOptions& options, Clock& clock) {
  return Repair(layout, options, clock).run();
}

}  // namespace recentd::audit
