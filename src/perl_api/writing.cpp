#include <algorithm>

#include <recentd/error.hpp>
#include <recentd/recentfile.hpp>

#include "base/log.hpp"
#include "delta/offer.hpp"
#include "origin/settings.hpp"
#include "origin/writer.hpp"
#include "perl_api/impl.hpp"
#include "recentfile/merge.hpp"
#include "recentfile/order.hpp"
#include "recentfile/update.hpp"
#include "sys/tree/dir.hpp"

namespace recentd {

WriterOptions Recentfile::Impl::writer_options() const {
  WriterOptions options;
  options.locktimeout = settings.locktimeout;
  options.keep_delete_objects_forever = settings.keep_delete_objects_forever;
  return options;
}

OriginSettings Recentfile::Impl::origin_settings() const {
  OriginSettings origin;
  origin.interval = settings.interval;
  origin.aggregator = settings.aggregator;
  origin.filenameroot = settings.filenameroot;
  origin.serializer_suffix = settings.serializer_suffix;
  origin.protocol = settings.protocol;
  origin.comment = settings.comment;
  origin.canonize = settings.canonize;
  return origin;
}

void Recentfile::lock() {
  const LevelFile file = impl_->file();
  // By another object, too, as Perl's do it; it is given back by that one.
  if (impl_->level_lock || this_thread_holds(file.root, file.name.file())) return;
  auto root = lock_root(file.root, impl_->settings.locktimeout, impl_->clock);
  impl_->level_lock = LevelLock::acquire(file.root, file.name.file(), file.name.filenameroot,
                                         impl_->settings.locktimeout, impl_->clock);
  impl_->root_lock = std::move(root);
}

void Recentfile::unlock() {
  impl_->level_lock.reset();
  impl_->root_lock.reset();
}

namespace {

// An operation of the origin's side; under the object's own locks if it holds them.
template <class Work>
auto with_writer(const LevelFile& file, OriginSettings settings, const WriterOptions& options, bool locked,
                 Clock& clock, Work work) {
  refuse_mirror_target(file.root);
  Writer writer(file, std::move(settings), options, clock);
  if (locked || this_thread_holds(file.root, file.name.file())) writer.hold_locks();
  return work(writer);
}

}  // namespace

UpdateReport Recentfile::update(const std::string& path, EventType type) {
  return batch_update({{path, type, {}}});
}

UpdateReport Recentfile::update(const std::string& path, EventType type, const Epoch& dirty_epoch) {
  return batch_update({{path, type, dirty_epoch}});
}

UpdateReport Recentfile::update() {
  return with_writer(impl_->file(), impl_->origin_settings(), impl_->writer_options(),
                     impl_->level_lock.has_value(), impl_->clock,
                     [](Writer& writer) { return writer.update({}); });
}

UpdateReport Recentfile::batch_update(const std::vector<UpdateRequest>& batch) {
  return with_writer(impl_->file(), impl_->origin_settings(), impl_->writer_options(),
                     impl_->level_lock.has_value(), impl_->clock,
                     [&](Writer& writer) { return writer.batch_update(batch); });
}

AggregateReport Recentfile::aggregate(bool force) {
  return with_writer(impl_->file(), impl_->origin_settings(), impl_->writer_options(),
                     impl_->level_lock.has_value(), impl_->clock,
                     [force](Writer& writer) { return writer.aggregate(force); });
}

void Recentfile::Impl::write(const std::vector<Event>& events, int protocol) {
  const LevelFile to = file();
  refuse_mirror_target(to.root);
  check_settings(origin_settings());
  LevelContent level;
  std::optional<std::int64_t> mtime;
  if (auto old = read_level(to, Reader::writer)) {
    level.meta = std::move(old->meta);
    mtime = old->mtime_s;
  }
  for (const Event& event : events) level.events.append(event);
  sort_newest_first(level.events.rows);
  space_ties(level.events, {});
  const auto newest = level.newest();
  const auto bound = newest ? truncation_bound(level.meta, *newest, interval()) : std::nullopt;
  if (bound)
    std::erase_if(level.events.rows, [&](const EventRow& row) { return row.epoch() < bound->view(); });
  level.meta.protocol = protocol;
  if (!settings.aggregator.empty()) level.meta.aggregator = settings.aggregator;
  level.meta.comment = settings.comment;
  if (settings.canonize) level.meta.canonize = settings.canonize;
  if (!level.meta.dirtymark) level.meta.dirtymark = Epoch::from_time(clock.now()).text();
  write_level(to, level.meta, level.events, mtime, store_policy(writer_options()), clock);
}

void Recentfile::write_recent(const std::vector<Event>& events) {
  impl_->settings.protocol == 0 ? write_0(events) : write_1(events);
}

void Recentfile::write_0(const std::vector<Event>& events) {
  const bool locked = impl_->level_lock.has_value();
  lock();
  impl_->write(events, 0);
  if (!locked) unlock();
}

void Recentfile::write_1(const std::vector<Event>& events) {
  const bool locked = impl_->level_lock.has_value();
  lock();
  impl_->write(events, 1);
  if (!locked) unlock();
}

bool Recentfile::merge(Recentfile& other) {
  const LevelFile from = other.impl_->file(), into = impl_->file();
  refuse_mirror_target(into.root);
  // The smaller level first; one kernel lock is enough for both.
  std::optional<sys::FileLock> root;
  std::optional<LevelLock> smaller, larger;
  const auto& own = impl_->settings;
  if (!impl_->root_lock && !other.impl_->root_lock)
    root = lock_root(into.root, own.locktimeout, impl_->clock);
  if (!other.impl_->level_lock)
    smaller = LevelLock::acquire(from.root, from.name.file(), from.name.filenameroot, own.locktimeout,
                                 impl_->clock);
  if (!impl_->level_lock)
    larger = LevelLock::acquire(into.root, into.name.file(), into.name.filenameroot, own.locktimeout,
                                impl_->clock);
  MergeOptions options;
  options.keep_deletes = own.keep_delete_objects_forever;
  const Interval from_interval = other.impl_->interval(), into_interval = impl_->interval();
  const auto result = merge_files(
      {from, from_interval, into, into_interval}, [](Meta&) {}, options,
      store_policy(impl_->writer_options()), impl_->clock);
  if (!result) throw Error(Kind::missing, from.path() + " is missing", from.path());
  const auto trouble =
      delta::keep_offered(into.root, into.name.filenameroot, {into.name}, false, impl_->clock.now());
  if (trouble) Log("recentfile").warning(*trouble);
  return result->changed;
}

}  // namespace recentd
