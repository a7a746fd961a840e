#include "audit/linked_names.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <utility>

#include "sys/tree/tree_walk.hpp"

namespace recentd::audit {
namespace {

constexpr std::uint64_t k_bits_for_a_file = 64;
constexpr std::int64_t k_slack_s = 2;

using File = std::pair<std::uint64_t, std::uint64_t>;  // device and inode

struct Name {
  std::string path;
  std::int64_t event_s;
};

struct Group {
  sys::FileFacts facts;
  std::vector<Name> names;
};

std::optional<sys::FileFacts> linked_file(const sys::Dir& root, const Bookkeeping& bookkeeping,
                                          const std::string& path) {
  const auto name = RelPath::parse(path, bookkeeping);
  auto facts = name ? root.lstat(*name) : std::nullopt;
  if (!facts || facts->type != sys::FileType::regular || facts->links < 2) return std::nullopt;
  return facts;
}

// Second of the event that tells that it is there.
std::optional<std::int64_t> event_of(IndexView& view, const std::string& path) {
  const auto* const entry = view.table().find(path);
  if (entry == nullptr || entry->value.type != EventType::new_) return std::nullopt;
  return entry->value.epoch().key.seconds;
}

std::vector<std::string> names_of(const sys::Dir& root, const std::set<std::uint64_t>& inodes) {
  std::vector<std::string> names;
  std::mutex mutex;
  sys::TreeWalk walk;
  walk.facts = sys::TreeWalk::Facts::type;
  walk.visit = [&](unsigned, std::string_view directory, std::span<sys::WalkEntry> entries) {
    for (const auto& entry : entries) {
      if (entry.facts.type != sys::FileType::regular || !inodes.contains(entry.facts.inode)) continue;
      auto path = std::string(directory);
      if (!path.empty()) path += '/';
      path += entry.name;
      const std::lock_guard lock(mutex);
      names.push_back(std::move(path));
    }
  };
  walk.unreadable = [](std::string_view, int) {};  // told by the comparison
  sys::walk_tree(root, "", walk);
  return names;
}

void add_stale(const Group& group, std::vector<StaleName>& stale) {
  const auto newest = std::ranges::max_element(group.names, {}, &Name::event_s);
  for (const auto& name : group.names)
    if (is_stale(name.event_s, newest->event_s, group.facts.mtime_s))
      stale.push_back({name.path, newest->path, group.facts});
}

}  // namespace

InodeSieve::InodeSieve(std::uint64_t files) {
  std::uint64_t words = 1024;
  while (words * 64 < files * k_bits_for_a_file) words *= 2;
  mask_ = words - 1;
  words_ = sys::make_slots<std::uint64_t>(words);
}

bool InodeSieve::met_before(std::uint64_t inode) noexcept {
  const std::uint64_t hash = inode * 0x9E3779B97F4A7C15;
  const std::uint64_t bit = std::uint64_t{1} << (hash >> 58);
  std::atomic_ref word(words_[(hash >> 16) & mask_]);
  return (word.fetch_or(bit, std::memory_order_relaxed) & bit) != 0;
}

bool is_stale(std::int64_t event_s, std::int64_t newest_event_s, std::int64_t mtime_s) noexcept {
  return mtime_s > event_s + k_slack_s && newest_event_s + k_slack_s >= mtime_s;
}

std::vector<StaleName> stale_names(const sys::Dir& root, const Bookkeeping& bookkeeping, IndexView& view,
                                   const std::vector<std::string>& paths) {
  std::set<std::uint64_t> inodes;
  for (const auto& path : paths)
    if (const auto facts = linked_file(root, bookkeeping, path)) inodes.insert(facts->inode);
  std::vector<StaleName> stale;
  if (inodes.empty()) return stale;
  std::map<File, Group> groups;
  for (auto& path : names_of(root, inodes)) {
    const auto event_s = event_of(view, path);
    const auto facts = event_s ? linked_file(root, bookkeeping, path) : std::nullopt;
    if (!facts) continue;
    auto& group = groups[{facts->device, facts->inode}];
    group.facts = *facts;
    group.names.push_back({std::move(path), *event_s});
  }
  for (const auto& [file, group] : groups) add_stale(group, stale);
  return stale;
}

bool is_still_stale(const sys::Dir& root, const Bookkeeping& bookkeeping, IndexView& view,
                    const std::string& path, const std::string& other) {
  const auto one = linked_file(root, bookkeeping, path), two = linked_file(root, bookkeeping, other);
  const auto event_s = event_of(view, path), newest_s = event_of(view, other);
  return one && two && one->inode == two->inode && one->device == two->device && event_s && newest_s &&
         is_stale(*event_s, *newest_s, one->mtime_s);
}

}  // namespace recentd::audit
