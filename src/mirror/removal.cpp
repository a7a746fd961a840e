#include "mirror/removal.hpp"

#include <algorithm>
#include <functional>
#include <memory>

#include "base/log.hpp"
#include "base/text.hpp"
#include "mirror/seen_paths.hpp"

namespace recentd::mirror {
namespace {

const Log k_log("mirror");

bool level_is_visible(const std::vector<LevelStatus>& levels, const std::string& interval) {
  for (const auto& level : levels)
    if (level.interval.spec() == interval) return level.published;
  return true;  // no longer in the chain: nothing will show it any more
}

struct Candidate {
  RelPath path;
  std::string interval;
  bool directory;
};

struct Queue {
  std::vector<Candidate> due;  // of visible levels
  std::size_t waiting = 0;     // of levels still to be shown
};

// Queued deletes that have something to remove; the others are struck from the queue.
Queue look_through(Workshop& shop, const std::vector<LevelStatus>& levels) {
  Queue found;
  auto& queue = shop.state.deletes;
  for (auto it = queue.begin(); it != queue.end();) {
    auto path = RelPath::parse(it->first, shop.bookkeeping);
    const auto local = path ? shop.target.lstat(*path) : std::nullopt;
    if (!local) {
      it = queue.erase(it);
      continue;
    }
    if (level_is_visible(levels, it->second.interval))
      found.due.push_back({std::move(*path), it->second.interval, local->type == sys::FileType::directory});
    else
      ++found.waiting;
    ++it;
  }
  return found;
}

// True if the guard holds the deletes back.
bool guarded(const Workshop& shop, std::size_t count) {
  if (!shop.options.max_delete || count <= *shop.options.max_delete) return false;
  k_log.error("more deletes than max_delete allows; none is done",
              {{"deletes", std::to_string(count)}, {"max_delete", std::to_string(*shop.options.max_delete)}});
  return true;
}

void remove_one(Workshop& shop, const Candidate& candidate, RemovalResult& result) {
  const auto removal =
      candidate.directory ? shop.target.rmdir(candidate.path) : shop.target.unlink(candidate.path);
  if (removal != sys::Dir::Removal::removed) return;
  ++result.removed;
  ++shop.report.deleted;
  shop.observer.file_deleted(candidate.interval, candidate.path.text());
  shop.target.remove_empty_parents(candidate.path);
}

// Everything in the target that is content.
void walk(const sys::Dir& target, const Bookkeeping& bookkeeping, const std::string& directory,
          const std::function<void(const std::string&)>& file) {
  const auto entries = target.list(directory);
  if (!entries) return;
  for (const auto& entry : *entries) {
    const auto path = directory.empty() ? entry.name : directory + "/" + entry.name;
    if (bookkeeping.owns(path)) continue;
    if (entry.type == sys::FileType::directory)
      walk(target, bookkeeping, path, file);
    else
      file(path);
  }
}

}  // namespace

RemovalResult perform_deletes(Workshop& shop, const std::vector<LevelStatus>& levels) {
  RemovalResult result;
  auto [due, waiting] = look_through(shop, levels);
  if (guarded(shop, due.size() + waiting)) {
    result.refused = due.size() + waiting;
    return result;
  }
  std::stable_sort(due.begin(), due.end(), [](const Candidate& a, const Candidate& b) {
    if (a.directory != b.directory) return b.directory;
    return a.directory && a.path.text().size() > b.path.text().size();
  });
  for (const auto& candidate : due) {
    remove_one(shop, candidate, result);
    shop.state.deletes.erase(candidate.path.text());
  }
  return result;
}

RemovalResult prune(Workshop& shop, const std::vector<LevelStatus>& levels, const IndexCache& cache) {
  SeenPaths seen, present;
  std::vector<std::unique_ptr<codec::EventReader>> open;
  std::vector<EventRow> rows(256);
  for (const auto& level : levels) {
    if (!level.facts) continue;
    open.push_back(cache.open(level.name, *level.facts));
    while (const auto n = open.back()->read(rows))
      for (std::size_t i = 0; i < n; ++i)
        if (seen.insert(rows[i].path()) && rows[i].type != EventType::delete_) present.insert(rows[i].path());
  }
  std::vector<Candidate> extra;
  walk(shop.target, shop.bookkeeping, "", [&](const std::string& name) {
    if (present.contains(name)) return;
    if (auto path = RelPath::parse(name, shop.bookkeeping))
      extra.push_back({std::move(*path), "prune", false});
  });
  RemovalResult result;
  if (guarded(shop, extra.size())) {
    result.refused = extra.size();
    return result;
  }
  for (const auto& candidate : extra) remove_one(shop, candidate, result);
  return result;
}

}  // namespace recentd::mirror
