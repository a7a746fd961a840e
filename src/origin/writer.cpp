#include "origin/writer.hpp"

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "base/shell_word.hpp"
#include "base/text.hpp"
#include "delta/offer.hpp"
#include "origin/details.hpp"
#include "origin/settings.hpp"
#include "recentfile/lock_directory.hpp"
#include "recentfile/update_large.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/dir.hpp"
#include "tree/find.hpp"
#include "tree/tree.hpp"

namespace recentd {

namespace {

constexpr std::int64_t k_clocks_apart_s = 60;  // of this machine and of who serves the files

Interval interval_of(const LevelFile& file) {
  if (const auto interval = Interval::parse(file.name.interval)) return *interval;
  throw Error(Kind::usage, cat(recentd::quoted(file.name.interval), " is no interval like 1h, 6h, 1d or Z"),
              file.path());
}

void check_request(const UpdateRequest& request) {
  if (request.type == EventType::other) {
    throw Error(Kind::usage, cat("the type of ", recentd::quoted(request.path), " is neither new nor delete"),
                request.path);
  }
  if (request.epoch && !is_plain_decimal(request.epoch->text())) {
    throw Error(Kind::usage,
                cat("the epoch ", recentd::quoted(request.epoch->text()), " of ",
                    recentd::quoted(request.path), " is not digits, or digits.digits"),
                request.path);
  }
}

void take_over(UpdateReport& report, const UpdateResult& result) {
  report.registered = result.registered;
  report.clamped = result.clamped;
  report.truncated = result.truncated;
  report.dirty = result.dirty;
}

// What cannot be looked at may be there.
bool is_gone(const std::string& path) {
  try {
    return !sys::lstat_path(path);
  } catch (const Error& error) {
    if (error.kind() != Kind::io) throw;
    return false;
  }
}

LevelFile file_of(const LevelFile& principal, const Interval& interval) {
  LevelFile file = principal;
  file.name.interval = interval.spec();
  return file;
}

}  // namespace

Writer::Writer(LevelFile principal, std::optional<OriginSettings> settings, WriterOptions options,
               Clock& clock)
    : principal_(std::move(principal)),
      interval_(interval_of(principal_)),
      settings_(std::move(settings)),
      options_(std::move(options)),
      policy_(store_policy(options_)),
      bookkeeping_(principal_.name.filenameroot),
      clock_(clock) {}

void Writer::warn(const std::string& text) const {
  if (options_.on_warning) {
    options_.on_warning(text);
  } else {
    Log("origin").warning(text);
  }
}

LevelLock Writer::lock_level(const LevelFile& file) const {
  const std::string name = file.name.file();
  LevelLock lock = LevelLock::acquire(file.root, name, file.name.filenameroot, options_.locktimeout, clock_,
                                      spares_.get());
  // What a writer left that died while it wrote.
  sys::unlink_file(file.root + "/" + temp_name(name));
  return lock;
}

Writer::Locks Writer::lock_principal() const {
  Locks locks;
  if (holding_ || options_.dry_run) return locks;
  locks.root = lock_root(principal_.root, options_.locktimeout, clock_);
  locks.source = lock_level(principal_);
  return locks;
}

// The smaller level first, as every writer does: two that lock in different order would wait for each other.
Writer::Locks Writer::lock_pair(std::size_t source_index, const LevelFile& source,
                                const LevelFile& target) const {
  Locks locks;
  if (options_.dry_run) return locks;
  if (!holding_) locks.root = lock_root(principal_.root, options_.locktimeout, clock_);
  if (!holding_ || source_index > 0) locks.source = lock_level(source);
  locks.target = lock_level(target);
  return locks;
}

// A delete of a path behind a link means what the link leads to, if that is gone. It may also come from a
// directory that gave way to the link, whose files every index still names: so it counts as it is spelled,
// too.
void Writer::add_delete(const UpdateRequest& request, const RequestPaths::Meant& meant, Items& items) const {
  const Epoch* const epoch = request.epoch ? &*request.epoch : nullptr;
  if (meant.spelled) items.list.push_back({*meant.spelled, request.type, epoch, {}});
  if (!meant.real || meant.real == meant.spelled) return;
  if (!meant.spelled || is_gone(cat(principal_.root, "/", *meant.real)))
    items.list.push_back({*meant.real, request.type, epoch, {}});
}

Writer::Items Writer::items_of(const std::vector<UpdateRequest>& requests, UpdateReport& report) const {
  Items items{{}, RequestPaths(principal_.root, bookkeeping_)};
  items.list.reserve(requests.size());
  std::optional<sys::Dir> root;
  if (options_.record.any()) root.emplace(principal_.root);
  for (const UpdateRequest& request : requests) {
    check_request(request);
    const auto meant = items.paths.find(request.path);
    const bool is_delete = request.type == EventType::delete_;
    if (!meant.real && !(is_delete && meant.spelled)) {
      ++report.outside;
      warn(cat(recentd::quoted(request.path), " is left out: ", meant.why_not));
      continue;
    }
    if (is_delete) {
      add_delete(request, meant, items);
      continue;
    }
    items.list.push_back({*meant.real, request.type, request.epoch ? &*request.epoch : nullptr, {}});
    if (root)
      items.list.back().extras =
          details_of(*root, *RelPath::parse(*meant.real, bookkeeping_), options_.record);
  }
  return items;
}

void Writer::apply_settings(Meta& meta) const {
  meta.protocol = settings_ ? settings_->protocol : 1;
  if (!settings_) return;
  check_settings(*settings_);
  if (!settings_->aggregator.empty()) meta.aggregator = settings_->aggregator;
  if (settings_->comment) meta.comment = settings_->comment;
  if (settings_->canonize) meta.canonize = settings_->canonize;
}

LevelContent Writer::read_or_begin() const {
  std::optional<LevelContent> level = read_principal(principal_, Reader::writer);
  if (!level) {
    if (!settings_) {
      throw Error(Kind::missing,
                  cat(escaped(principal_.path()), " is missing; `recentd fsck --repair=index ",
                      shell_word(principal_.root), "` rebuilds it"),
                  principal_.path());
    }
    // A chain that larger levels cannot be made of would only show at the first aggregate.
    checked_levels(*settings_, true);
    level.emplace();
  }
  if (!options_.force) refuse_disagreement(principal_, level->meta);
  if (level->disordered)
    warn(cat(escaped(principal_.path()), ": events out of order or with equal epochs; sorted"));
  apply_settings(level->meta);
  return std::move(*level);
}

// Opened by a larger level's file, a set has another principal, and its link is not ours.
bool Writer::is_principal() const {
  const std::string link = principal_.root + "/" + link_name(principal_.name.filenameroot);
  const std::optional<std::string> target = sys::read_link(link);
  const std::optional<LevelName> name = target ? split_level_name(*target) : std::nullopt;
  if (!name || name->file() != *target || *target == principal_.name.file()) return true;
  const std::optional<Interval> other = Interval::parse(name->interval);
  return !other || other->seconds() >= interval_.seconds() || !sys::stat_path(link);
}

void Writer::renew_link() const {
  if (!is_principal()) return;
  const std::string& root = principal_.name.filenameroot;
  const std::string link = principal_.root + "/" + link_name(root);
  if (has_strange_link(principal_)) {
    // Whatever it is, it may be all that somebody has of it.
    sys::rename_file(link, link + ".broken");
    warn(cat(escaped(link), " was no link and no index; moved to ", escaped(link_name(root)), ".broken"));
  }
  sys::replace_symlink(link, principal_.name.file(),
                       principal_.root + "/" + link_temp_name(root, sys::own_pid()), policy_.fsync);
}

// What is too large to be held is written while it is read. Nothing if that is not so.
std::optional<UpdateResult> Writer::register_in_large(const std::vector<UpdateItem>& items) const {
  if (options_.dry_run || has_regular_link(principal_)) return std::nullopt;
  const auto facts = sys::stat_path(principal_.path());
  if (!facts || !is_large(principal_, facts->size_bytes)) return std::nullopt;
  const std::optional<OpenLevel> opened = open_level(principal_, Reader::writer);
  if (!opened) return std::nullopt;
  Meta meta = opened->reader->meta();
  if (!options_.force) refuse_disagreement(principal_, meta);
  apply_settings(meta);
  return update_large(principal_, *opened, std::move(meta), items, interval_, policy_, clock_);
}

UpdateReport Writer::register_items(const std::vector<UpdateItem>& items, UpdateReport report, Cut cut) {
  refuse_mirror_target(principal_.root);
  const Locks locks = lock_principal();
  refuse_unfinished(principal_.root, principal_.name.filenameroot);
  if (const auto large = cut == Cut::due ? register_in_large(items) : std::nullopt) {
    take_over(report, *large);
    report.written = large->changed;
    renew_link();
    return report;
  }
  const bool begun = sys::stat_path(principal_.path()).has_value();
  LevelContent level = read_or_begin();
  const std::uint64_t old_events = level.events.rows.size();
  UpdateResult result;
  if (cut == Cut::due || old_events == 0) result = apply_update(level, items, interval_, clock_.now());
  take_over(report, result);
  const auto link = sys::lstat_path(principal_.root + "/" + link_name(principal_.name.filenameroot));
  // Its events are in no other file; the link takes its place below.
  const bool events_in_link = link && link->type == sys::FileType::regular && old_events > 0;
  report.written = result.changed || events_in_link;
  if (options_.dry_run) return report;
  std::optional<std::int64_t> mtime;
  if (begun) mtime = level.mtime_s;
  if (report.written) write_level(principal_, level.meta, level.events, mtime, policy_, clock_);
  renew_link();
  return report;
}

// Large files are signed before others are told of them, and before anybody waits for a lock of ours.
UpdateReport Writer::update(const std::vector<UpdateRequest>& requests, Carry carry) {
  BlockSigner signer(principal_.root, principal_.name.filenameroot, options_.signature_bytes_min,
                     [this](const std::string& text) { warn(text); });
  sign(requests, signer);
  const UpdateReport report = register_requests(requests, carry);
  signer.vouch(principal_);
  // Who carries on has offered all.
  const bool carried = carry == Carry::at_once && report.dirty;
  if (report.written && !carried) offer(Offered::principal);
  return report;
}

void Writer::sign(const std::vector<UpdateRequest>& requests, BlockSigner& signer) const {
  const bool wanted =
      options_.publish_http || delta::is_offered(principal_.root, principal_.name.filenameroot);
  if (options_.dry_run || !wanted || requests.empty()) return;
  refuse_mirror_target(principal_.root);
  RequestPaths paths(principal_.root, bookkeeping_);
  for (const UpdateRequest& request : requests) {
    if (request.type != EventType::new_) continue;
    const auto meant = paths.find(request.path);
    if (meant.real) signer.sign(*RelPath::parse(*meant.real, bookkeeping_));
  }
}

UpdateReport Writer::register_requests(const std::vector<UpdateRequest>& requests, Carry carry) {
  const bool carries = carry == Carry::at_once;
  const Locks locks = carries ? lock_principal() : Locks();
  // Ends with the locks, also when something below throws.
  struct Holding {
    bool& flag;
    const bool before = flag;
    ~Holding() { flag = before; }
  } holding{holding_};
  holding_ = holding_ || carries;
  UpdateReport report;
  const Items items = items_of(requests, report);
  report = register_items(items.list, report, Cut::due);
  if (!carries || !report.dirty || options_.dry_run) return report;
  // The first carries events and dirtymark up, the second truncates the levels again.
  merge_upward(true);
  merge_upward(true);
  offer();
  return report;
}

UpdateReport Writer::batch_update(const std::vector<UpdateRequest>& requests) {
  return requests.empty() ? register_items({}, {}, Cut::never) : update(requests);
}

bool Writer::is_due(const std::vector<Interval>& levels, std::size_t target, bool force) const {
  if (force || target == 1) return true;
  const auto facts = sys::stat_path(file_of(principal_, levels[target]).path());
  if (!facts) return true;
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
  // One of the future was written under a clock that was wrong, and would never grow old.
  const auto age = now - facts->mtime_s;
  return age > levels[target - 2].seconds() || age < -k_clocks_apart_s;
}

// False if there is no source to merge.
bool Writer::merge_pair(const std::vector<Interval>& levels, std::size_t source, const Meta& settings) {
  const LevelFile from = file_of(principal_, levels[source]), into = file_of(principal_, levels[source + 1]);
  const Locks locks = lock_pair(source, from, into);
  const auto prepare = [&](Meta& meta) {
    if (!options_.force) refuse_disagreement(from, meta);
    meta.protocol = settings.protocol;
    if (settings.aggregator) meta.aggregator = settings.aggregator;
  };
  MergeOptions options;
  options.keep_deletes = options_.keep_delete_objects_forever;
  options.force = options_.force;
  options.decide_only = options_.dry_run;
  const auto result =
      merge_files({from, levels[source], into, levels[source + 1]}, prepare, options, policy_, clock_);
  return result && result->changed;
}

AggregateReport Writer::aggregate(bool force) {
  AggregateReport report = merge_upward(force);
  offer();
  return report;
}

void Writer::offer(Offered what) {
  const std::string& filenameroot = principal_.name.filenameroot;
  const bool wanted = options_.publish_http || delta::is_offered(principal_.root, filenameroot);
  // A set that was opened by a larger level's file is offered by those who write all of it.
  if (options_.dry_run || !wanted || (what == Offered::principal && !is_principal())) return;
  std::optional<sys::FileLock> lock;
  try {
    if (!holding_) lock = lock_root(principal_.root, options_.locktimeout, clock_);
  } catch (const Error& error) {
    if (error.kind() != Kind::locked) throw;
    return warn(cat(error.what(), "; what is offered over HTTP follows with the next aggregate"));
  }
  std::vector<LevelName> names = {principal_.name};
  if (what == Offered::all) {
    std::optional<Meta> meta = read_principal_meta(principal_);
    if (!meta) return;
    apply_settings(*meta);
    std::vector<std::string> remarks;
    for (const Interval& interval : levels_by_meta(principal_, *meta, remarks))
      if (interval != interval_) names.push_back(file_of(principal_, interval).name);
  }
  if (const auto trouble = delta::keep_offered(principal_.root, filenameroot, names, true, clock_.now()))
    warn(*trouble);
}

AggregateReport Writer::merge_upward(bool force) {
  if (!options_.dry_run) sweep_spares(principal_.root, principal_.name.filenameroot);
  register_items({}, {}, Cut::due);
  const std::optional<Meta> meta = read_principal_meta(principal_);
  AggregateReport report;
  if (!meta) return report;
  Meta settings = *meta;
  apply_settings(settings);
  std::vector<std::string> remarks;
  const std::vector<Interval> levels = levels_by_meta(principal_, settings, remarks);
  for (std::size_t source = 0; source + 1 < levels.size(); ++source) {
    if (!is_due(levels, source + 1, force)) break;
    // A rehearsal cannot see what the step before would have written; it would have been carried on.
    const bool carried_on = options_.dry_run && !report.merged_into.empty();
    if (carried_on || merge_pair(levels, source, settings)) {
      report.merged_into.push_back(levels[source + 1].spec());
    }
  }
  return report;
}

}  // namespace recentd
