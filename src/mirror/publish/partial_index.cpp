#include "mirror/publish/partial_index.hpp"

#include <array>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "recentfile/order.hpp"
#include "recentfile/store.hpp"
#include "sys/failure.hpp"
#include "sys/file/bytes.hpp"

namespace recentd::mirror {
namespace {

constexpr const char* k_selection = "wish";
constexpr const char* k_dirtymark = "dirtymark";

std::string text_of(const std::string& path) {
  if (!sys::lstat_path(path)) return {};
  return std::string(sys::read_file(path)->view());
}

// How far the next level goes as it is shown; nothing if it is not.
std::optional<Epoch> newest_of(const LevelFile& file) {
  const auto meta = sys::lstat_path(file.path()) ? read_meta(file) : std::nullopt;
  return meta && meta->minmax_max ? Epoch::parse(*meta->minmax_max) : std::nullopt;
}

}  // namespace

PartialIndex::PartialIndex(const PathFilter& filter, const sys::Dir& target, std::string directory,
                           const upstream::Chain& chain, const state::Progress& progress, Clock& clock,
                           Fsync fsync)
    : filter_(filter),
      target_(target),
      directory_(std::move(directory)),
      chain_(chain),
      progress_(progress),
      clock_(clock),
      fsync_(fsync) {
  const auto known = text_of(path(k_dirtymark));
  dirtymark_ = known.substr(0, known.find('\n'));
}

std::string PartialIndex::selection_of(const MirrorOptions& options) {
  std::string selection = options.select.filter.text();
  if (options.deletes.skip) selection += "skip-deletes\n";
  if (options.select.max_file_size != 0)
    selection += cat("max-file-size ", options.select.max_file_size, "\n");
  return selection;
}

std::string PartialIndex::last_selection() const {
  return text_of(path(k_selection));
}

void PartialIndex::keep(const std::string& name, const std::string& text) {
  sys::make_directory(directory_, 0700);
  sys::AtomicFile file(path(name), path(name + ".new"), fsync_);
  file.write(text);
  file.commit();
}

void PartialIndex::keep_selection(const std::string& selection) {
  keep(k_selection, selection);
}

void PartialIndex::follow(const std::optional<std::string>& upstream_dirtymark) {
  const auto basis = cat(upstream_dirtymark.value_or("none"), "\n", last_selection());
  const auto known = text_of(path(k_dirtymark));
  if (!dirtymark_.empty() && known == cat(dirtymark_, "\n", basis)) return;
  auto fresh = Epoch::from_time(clock_.now());
  const auto before = Epoch::parse(dirtymark_);
  if (before && fresh <= *before) fresh = next_tick(before->view());
  dirtymark_ = fresh.text();
  keep(k_dirtymark, cat(dirtymark_, "\n", basis));
}

// The copy that a file was made from, and the dirtymark that it was given.
std::string PartialIndex::basis_of(const std::string& copy) const {
  const auto facts = sys::lstat_path(copy);
  if (!facts) return {};
  return cat(facts->inode, " ", facts->size_bytes, " ", facts->mtime_ns, " ", dirtymark_, "\n");
}

bool PartialIndex::is_published(const LevelName& name, const std::string& copy) const {
  const auto basis = basis_of(copy);
  if (basis.empty() || text_of(path(name.file() + ".basis")) != basis) return false;
  const auto own = sys::lstat_path(path(name.file()));
  const auto shown = sys::lstat_path(target_.path() + "/" + name.file());
  return own ? shown && own->inode == shown->inode : !shown;
}

// What is to be said of the path of an event; nothing if nothing is. A file that is named and not there is
// called deleted, so that no larger level's older event promises it; Z, which has no deletes, is silent.
std::optional<EventType> PartialIndex::truth_of(const EventRow& row, Deletes deletes) const {
  const auto path = RelPath::parse(row.path(), chain_.bookkeeping());
  if (!path || row.type == EventType::other || !filter_.wants(row.path())) return std::nullopt;
  const bool there = sys::or_nothing([&] { return target_.lstat(*path); }).has_value() &&
                     !progress_.state().deletes.contains(row.path());
  if (there) return row.type == EventType::new_ ? std::optional(EventType::new_) : std::nullopt;
  return deletes == Deletes::told ? std::optional(EventType::delete_) : std::nullopt;
}

EventList PartialIndex::listed(codec::EventReader& reader, Deletes deletes) const {
  EventList events;
  std::array<EventRow, 256> rows;
  while (const auto n = reader.read(rows)) {
    for (std::size_t i = 0; i < n; ++i) {
      const auto type = truth_of(rows[i], deletes);
      if (!type) continue;
      events.rows.push_back(rows[i]);
      if (*type == rows[i].type) continue;
      events.rows.back().type = *type;
      events.rows.back().flags &= EventRow::k_plain | EventRow::k_details;
    }
  }
  events.adopt(reader.storage());
  space_ties(events, {});
  return events;
}

void PartialIndex::publish(const LevelName& name, const std::string& copy, codec::EventReader& reader,
                           bool principal, const std::optional<LevelName>& next) {
  sys::make_directory(directory_, 0700);
  const auto deletes = name.interval == "Z" ? Deletes::dropped : Deletes::told;
  const auto events = listed(reader, deletes);
  Meta meta = reader.meta();
  meta.extras.clear();  // what else the upstream says, it says of its own file
  meta.top_level.clear();
  set_part_of(meta, reader.meta());
  meta.dirtymark = dirtymark_;
  const LevelFile own{directory_, name};
  const auto shown = target_.path() + "/" + name.file();
  if (meta.merged && meta.merged->epoch) {
    auto newest = next ? newest_of({directory_, *next}) : std::nullopt;
    if (newest)
      meta.merged->epoch = std::move(newest);
    else
      meta.merged.reset();
  }
  if (events.rows.empty() && !principal) {
    sys::unlink_file(shown);
    sys::unlink_file(own.path());
  } else {
    StorePolicy policy;
    policy.fsync = fsync_;
    write_level(own, std::move(meta), events, {}, policy, clock_);
    const auto temporary = path("publish");
    sys::unlink_file(temporary);
    sys::link_file(own.path(), temporary);
    sys::rename_file(temporary, shown);
  }
  keep(name.file() + ".basis", basis_of(copy));
}

}  // namespace recentd::mirror
