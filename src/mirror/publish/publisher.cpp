#include "mirror/publish/publisher.hpp"

#include <string_view>
#include <unordered_set>

#include <recentd/error.hpp>

#include "base/log.hpp"
#include "delta/offer.hpp"
#include "mirror/plan/tree_count.hpp"
#include "sys/failure.hpp"
#include "sys/file/bytes.hpp"
#include "sys/file/durable.hpp"

namespace recentd::mirror {

using Levels = std::vector<upstream::LevelStatus>;

Publisher::Publisher(const MirrorOptions& options, const sys::Dir& target, std::string private_directory,
                     target::DemandSame demand_same, const target::Generations& generations,
                     const upstream::Chain& chain, upstream::IndexCache& cache, state::Progress& progress,
                     HookPoints& hooks, Observer& observer, Clock& clock, MirrorReport& report)
    : target_(target),
      private_directory_(std::move(private_directory)),
      demand_same_(std::move(demand_same)),
      generations_(generations),
      fsync_(options.places.fsync),
      chain_(chain),
      cache_(cache),
      progress_(progress),
      hooks_(hooks),
      observer_(observer),
      clock_(clock),
      report_(report),
      publish_http_(options.places.publish_http),
      selection_(PartialIndex::selection_of(options)),
      partial_index_(options.select.filter, target, private_directory_ + "/own", chain, progress, clock,
                     fsync_) {}

void Publisher::principal_fetched(const std::optional<std::string>& dirtymark) {
  if (!selection_.empty()) partial_index_.follow(dirtymark);
}

bool Publisher::is_published(const upstream::LevelStatus& level) const {
  if (selection_.empty()) return cache_.is_published(level.name);
  return partial_index_.is_published(chain_.name_of(level), cache_.path(level.name));
}

void Publisher::look(upstream::LevelStatus& level) const {
  level.published = level.facts && is_published(level);
  const auto path = target_.path() + "/" + level.name;
  const auto there = sys::lstat_path(path);
  level.visible = there && there->type == sys::FileType::regular;
  if (level.published) {
    level.published_newest = level.facts->newest;
  } else if (level.visible && !level.published_newest) {
    try {
      const auto format = codec::format_of_suffix(chain_.name_of(level).suffix).value();
      level.published_newest = upstream::inspect(sys::read_file(path), format, path).newest;
    } catch (const Error&) {
      level.visible = false;  // what does not parse promises nothing
    }
  }
}

bool Publisher::show(Levels& levels, std::size_t complete) {
  const auto before = report_.published.size();
  for (std::size_t i = 0; i < complete; ++i) show_joined(levels, i, complete);
  const bool shown = report_.published.size() != before;
  if (shown && fsync_ != Fsync::none) sys::sync_directory(target_.path());
  const auto& filenameroot = chain_.bookkeeping().filenameroot();
  const bool wanted = publish_http_ || cache_.has_seen_offer();
  if (shown || (wanted && !delta::is_offered(target_.path(), filenameroot))) offer(levels);
  return shown;
}

// After the files that are told of: who reads of one finds it.
void Publisher::offer(const Levels& levels) {
  std::vector<LevelName> names;
  for (std::size_t i = 0; i < levels.size(); ++i)
    if (levels[i].visible) names.push_back(chain_.name_of(levels[i]));
  const bool wanted = publish_http_ || cache_.has_seen_offer();
  generations_.about_to_change(link_name(chain_.bookkeeping().filenameroot()));
  const auto trouble =
      delta::keep_offered(target_.path(), chain_.bookkeeping().filenameroot(), names, wanted, clock_.now());
  if (!trouble) return (void)offer_trouble_.over();
  if (const auto line = offer_trouble_.note(*trouble)) Log("mirror").warning(*line);
}

// After larger ones if only they close the gap.
void Publisher::show_joined(Levels& levels, std::size_t i, std::size_t complete) {
  if (levels[i].published || !levels[i].facts) return;
  if (!upstream::joins_visible(levels, i)) {
    note_hidden(levels, complete);
    for (std::size_t k = i + 1; k < complete && !upstream::joins_visible(levels, i); ++k)
      show_joined(levels, k, complete);
    if (!upstream::joins_visible(levels, i)) return;
  }
  progress_.save_if_changed_or_written();
  show_one(levels, i);
}

// A larger level that is shown before a smaller one may name files as new whose deletes only that one tells.
// They are known as gone as long as that may be so.
void Publisher::note_hidden(const Levels& levels, std::size_t complete) {
  const std::span<const upstream::LevelStatus> shown(levels.data(), complete);
  std::unordered_set<std::string_view> deleted;
  SeenPaths seen;
  const auto readers = newest_events(shown, cache_, progress_.state(), seen, [&](const EventRow& row, bool) {
    if (row.type != EventType::delete_) return;
    const auto path = RelPath::parse(row.path(), chain_.bookkeeping());
    if (path && !sys::or_nothing([&] { return target_.lstat(*path); })) deleted.insert(row.path());
  });
  std::vector<EventRow> rows(256);
  for (const auto& level : shown) {
    if (!level.facts || deleted.empty()) continue;
    const auto reader = cache_.open(level.name, *level.facts);
    while (const auto count = reader->read(rows))
      for (std::size_t i = 0; i < count; ++i)
        if (rows[i].type == EventType::new_ && deleted.contains(rows[i].path()))
          progress_.hide(rows[i].path());
  }
}

void Publisher::publish(const Levels& levels, std::size_t i) {
  const auto& level = levels[i];
  if (selection_.empty()) return cache_.publish(level.name);
  std::optional<LevelName> next;
  for (auto k = i + 1; k < levels.size() && !next; ++k)
    if (levels[k].facts) next = chain_.name_of(levels[k]);
  const auto reader = cache_.open(level.name, *level.facts);
  partial_index_.publish(chain_.name_of(level), cache_.path(level.name), *reader, i == 0, next);
}

void Publisher::show_one(Levels& levels, std::size_t i) {
  if (demand_same_) demand_same_();
  generations_.about_to_change(levels[i].name);
  publish(levels, i);
  auto& level = levels[i];
  level.published = level.visible = true;
  level.published_newest = level.facts->newest;
  report_.published.push_back(level.name);
  observer_.published(level.name);
  hooks_.published(level.name);
  if (i != 0) return;
  const auto link = link_name(chain_.name_of(level).filenameroot);
  sys::replace_symlink(target_.path() + "/" + link, level.name, private_directory_ + "/link", fsync_);
}

}  // namespace recentd::mirror
