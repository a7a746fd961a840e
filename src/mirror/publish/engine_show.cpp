// What the engine lets downstream mirrors see, and in which order.

#include <string_view>
#include <unordered_set>

#include "mirror/pass.hpp"
#include "mirror/plan/tree_count.hpp"

namespace recentd::mirror {

// Shows the levels whose content is here, from the principal on. What a level no longer has must be in the
// next larger one that is visible, so that no reader of ours ever sees a gap between two of them.
void Engine::show_complete_levels() {
  if (partial()) return;
  std::size_t n = 0;
  while (n < levels_.size() && is_complete(n)) ++n;
  const auto before = report_.published.size();
  for (std::size_t i = 0; i < n; ++i) show_joined(i, n);
  if (report_.published.size() == before) return;
  if (fsync_ != Fsync::none) sys::sync_directory(target_.path());
  remove_deleted();
  if (shop_.hooks) shop_.hooks->publishing_ended();
}

// Shows level i of the n that are complete, after larger ones if only they close the gap.
void Engine::show_joined(std::size_t i, std::size_t n) {
  const upstream::LevelStatus& level = levels_[i];
  if (level.published || !level.facts) return;
  if (!upstream::joins_visible(levels_, i)) {
    note_hidden(n);
    for (std::size_t k = i + 1; k < n && !upstream::joins_visible(levels_, i); ++k) show_joined(k, n);
    if (!upstream::joins_visible(levels_, i)) return;
  }
  if (unsaved_ || unsynced_) save_state();
  show(levels_[i]);
}

// A larger level that is shown before a smaller one may name files as new whose deletes only that one tells.
// They are known as gone as long as that may be so.
void Engine::note_hidden(std::size_t n) {
  const std::vector<upstream::LevelStatus> complete(levels_.begin(),
                                                    levels_.begin() + static_cast<std::ptrdiff_t>(n));
  std::unordered_set<std::string_view> deleted;
  SeenPaths seen;
  const auto readers = newest_events(complete, state_, cache_, seen, [&](const EventRow& row, bool) {
    if (row.type != EventType::delete_) return;
    const auto path = RelPath::parse(row.path(), bookkeeping_);
    if (path && !target_.lstat(*path)) deleted.insert(row.path());
  });
  std::vector<EventRow> rows(256);
  const auto known = state_.shown_gone.size();
  for (const auto& level : complete) {
    if (!level.facts || deleted.empty()) continue;
    const auto reader = cache_.open(level.name, *level.facts);
    while (const auto count = reader->read(rows))
      for (std::size_t i = 0; i < count; ++i)
        if (rows[i].type == EventType::new_ && deleted.contains(rows[i].path()))
          state_.shown_gone.insert(std::string(rows[i].path()));
  }
  if (state_.shown_gone.size() != known) unsaved_ = true;
}

// A partial mirror must not promise what it has not: it shows files of its own writing.
void Engine::publish(const upstream::LevelStatus& level) {
  if (selection_.empty()) return cache_.publish(level.name);
  std::optional<LevelName> next;
  for (auto i = static_cast<std::size_t>(&level - levels_.data()) + 1; i < levels_.size() && !next; ++i)
    if (levels_[i].facts) next = name_of(levels_[i]);
  const auto reader = cache_.open(level.name, *level.facts);
  own_.publish(name_of(level), cache_.path(level.name), *reader, &level == &levels_.front(), next);
}

void Engine::show(upstream::LevelStatus& level) {
  publish(level);
  level.published = level.visible = true;
  level.published_newest = level.facts->newest;
  report_.published.push_back(level.name);
  observer_.published(level.name);
  if (shop_.hooks) shop_.hooks->published(level.name);
  if (&level == &levels_.front()) show_link();
}

void Engine::show_link() {
  const auto link = target_.path() + "/" + link_name(principal_name_.filenameroot);
  sys::replace_symlink(link, levels_.front().name, private_directory_ + "/link", fsync_);
}

}  // namespace recentd::mirror
