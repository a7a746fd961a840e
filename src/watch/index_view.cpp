#include "watch/index_view.hpp"

#include <array>

#include "recentfile/path_table.hpp"
#include "watch/pending.hpp"

namespace recentd::watch {

namespace {

constexpr std::size_t k_rows_at_once = 4096;

}  // namespace

IndexView::IndexView(const TreeLayout& layout, std::set<std::string> directories)
    : layout_(layout), directories_(std::move(directories)) {
  read([&](const EventRow& row) {
    auto [at, fresh] = entries_.try_emplace(PathTable::hash(row.path()));
    Entry& entry = at->second;
    // Of equal epochs the smaller level's counts, which was read before.
    if (!fresh && row.key <= entry.epoch) return;
    entry.epoch = row.key;
    entry.present = row.type == EventType::new_;
  });
  for (const auto& [hash, entry] : entries_) present_ += entry.present ? 1 : 0;
}

// The principal may be the link's own content (see read_principal()), so it is read as a whole.
void IndexView::read(const std::function<void(const EventRow&)>& take) const {
  const auto take_wanted = [&](const EventRow& row) {
    if (is_within(row.path(), directories_)) take(row);
  };
  std::vector<EventRow> rows(k_rows_at_once);
  for (std::size_t level = 0; level < layout_.levels.size(); ++level) {
    const LevelFile file = layout_.file(level);
    if (level == 0) {
      if (const auto content = read_principal(file, Reader::mirror))
        for (const auto& row : content->events.rows) take_wanted(row);
      continue;
    }
    const auto opened = open_level(file, Reader::mirror);
    if (!opened) continue;
    while (const auto n = opened->reader->read(rows))
      for (std::size_t i = 0; i < n; ++i) take_wanted(rows[i]);
  }
}

IndexView::Entry* IndexView::find(std::string_view path) {
  const auto found = entries_.find(PathTable::hash(path));
  return found == entries_.end() || !found->second.present ? nullptr : &found->second;
}

void IndexView::each_unmet(const std::function<void(std::string_view path)>& take) {
  read([&](const EventRow& row) {
    Entry* const entry = find(row.path());
    if (entry == nullptr || entry->met || entry->epoch != row.key) return;
    entry->met = true;
    take(row.path());
  });
}

}  // namespace recentd::watch
