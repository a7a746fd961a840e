#include "audit/comparison.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "audit/linked_names.hpp"
#include "base/meter.hpp"
#include "base/text.hpp"
#include "sys/tree/tree_walk.hpp"
#include "tree/unfinished.hpp"

namespace recentd::audit {
namespace {

constexpr std::int64_t k_second_ns = 1'000'000'000;

bool is_content(sys::FileType type) noexcept {
  return type == sys::FileType::regular || type == sys::FileType::symlink;
}

bool is_wanted(std::string_view path, const ComparisonOptions& options) {
  return options.filter == nullptr || options.filter->empty() || options.filter->wants(path);
}

// A link has no size of its own.
bool is_as_recorded(const Recorded& recorded, const sys::FileFacts& disk) noexcept {
  const bool file = disk.type == sys::FileType::regular;
  return agrees_in_time(recorded, disk.mtime_s, disk.mtime_ns) != Agreement::differs &&
         (!file || agrees_in_size(recorded, disk.size_bytes) != Agreement::differs);
}

UpstreamStatus status_of(const IndexView& view, const NewestEvents::Entry* entry,
                         std::optional<sys::FileFacts> disk) {
  UpstreamStatus status{std::move(disk), {}, {}};
  if (entry == nullptr) return status;
  status.word = entry->value.type;
  status.epoch = entry->value.epoch().key;
  if (entry->value.type == EventType::new_ && status.disk && is_content(status.disk->type))
    status.as_recorded = is_as_recorded(view.recorded(*entry), *status.disk);
  return status;
}

// The walk's visitor; several threads at once, each with a part of its own.
class Disk {
 public:
  Disk(unsigned threads, const sys::Dir& root, const Bookkeeping& bookkeeping, IndexView& view,
       const ComparisonOptions& options)
      : parts_(threads),
        root_(root),
        bookkeeping_(bookkeeping),
        view_(view),
        table_(view.table()),
        options_(options),
        sieve_(table_.size()) {}

  void visit(unsigned worker, std::string_view directory, std::span<sys::WalkEntry> entries) {
    Part& part = parts_[worker];
    const auto before = part.found.files_on_disk;
    for (std::size_t at = 0; at < entries.size(); at += k_at_once)
      visit_some(part, directory, entries.subspan(at, std::min(k_at_once, entries.size() - at)));
    meter().add(part.found.files_on_disk - before);
  }

  void take(Comparison& all) {
    for (Part& part : parts_) {
      const auto move = [](auto& into, auto& from) {
        std::move(from.begin(), from.end(), std::back_inserter(into));
        from = {};
      };
      move(all.suspects, part.found.suspects);
      move(all.changed, part.found.changed);
      move(all.repeated, part.found.repeated);
      all.left_out.add(part.found.left_out);
      all.files_on_disk += part.found.files_on_disk;
      all.nameless += part.found.nameless;
    }
  }

 private:
  static constexpr std::size_t k_at_once = 16;

  struct Part {
    Comparison found;
    std::array<std::string, k_at_once> paths;
    std::array<NewestEvents::Hash, k_at_once> hashes;
  };

  void visit_some(Part& part, std::string_view directory, std::span<sys::WalkEntry> entries) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      auto& path = part.paths[i];
      path.assign(directory);
      if (!path.empty()) path += '/';
      path += entries[i].name;
      part.hashes[i] = NewestEvents::hash(path);
      table_.prefetch(part.hashes[i]);
    }
    for (std::size_t i = 0; i < entries.size(); ++i) table_.prefetch_text(part.hashes[i]);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (options_.absent.contains(part.paths[i])) {
        entries[i].descend = false;
        continue;
      }
      if (!directory.empty() && entries[i].facts.type != sys::FileType::regular) note_inner_tree(part, i);
      const auto flaw = RelPath::check(part.paths[i], bookkeeping_);
      if (flaw == RelPath::Flaw::none) {
        look(part.found, part.paths[i], part.hashes[i], entries[i]);
      } else {
        entries[i].descend = false;
        part.found.nameless += flaw == RelPath::Flaw::bookkeeping ? 0 : 1;
        if (directory.empty() && LeftOut::is_stray(part.paths[i], bookkeeping_.filenameroot()))
          part.found.left_out.note(LeftOut::Why::bookkeeping, part.paths[i]);
      }
    }
  }

  static void note_inner_tree(Part& part, std::size_t i) {
    if (const auto inner = LeftOut::inner_tree_of(part.paths[i]))
      part.found.left_out.note(LeftOut::Why::inner_tree, *inner);
  }

  void look(Comparison& found, const std::string& path, NewestEvents::Hash hash, sys::WalkEntry& entry) {
    const bool content = is_content(entry.facts.type);
    auto* known = table_.find(path, hash);
    if (known == nullptr && is_left_out(path)) {
      entry.descend = false;
      return found.left_out.note(LeftOut::Why::unfinished, path);
    }
    if (known != nullptr) known->value.see();
    if (content && !is_wanted(path, options_)) return;
    found.files_on_disk += content ? 1 : 0;
    if (content && known != nullptr && known->value.type == EventType::new_) {
      if (known->value.keys != 0 && !is_as_recorded(view_.recorded(*known), entry.facts))
        found.suspects.push_back({Check::changed, path, status_of(view_, known, entry.facts)});
      if (entry.facts.type == sys::FileType::regular && may_be_linked(entry.facts))
        found.repeated.push_back(path);
      return note_change(found, path, entry, *known);
    }
    if (!content && (known == nullptr || known->value.type != EventType::new_)) return;
    auto status = status_of(view_, known, facts_of(path));
    if (const auto check = judge(status)) found.suspects.push_back({*check, path, std::move(status)});
  }

  // What rsync is at work on.
  [[nodiscard]] bool is_left_out(const std::string& path) const {
    const auto named = unfinished_by_name(path);
    if (named != Unfinished::perhaps) return named == Unfinished::surely;
    const auto name = RelPath::parse(path, bookkeeping_);
    const auto facts = name ? root_.lstat(*name) : std::nullopt;
    return facts && recentd::is_unfinished(root_, *name, *facts, options_.now_ns);
  }

  // A walk that asks for types alone knows no number of links, 0 then.
  bool may_be_linked(const sys::FileFacts& facts) noexcept {
    return facts.links != 1 && sieve_.met_before(facts.inode);
  }

  void note_change(Comparison& found, const std::string& path, const sys::WalkEntry& entry,
                   const NewestEvents::Entry& known) const {
    if (!options_.changed_since || entry.facts.changed_ns < *options_.changed_since * k_second_ns) return;
    const auto key = known.value.epoch().key;
    // The event's fraction has 18 digits and a bit.
    const auto event_ns = static_cast<std::int64_t>(key.fraction / 2'000'000'000);
    if (key.seconds * k_second_ns + event_ns < entry.facts.changed_ns) found.changed.push_back(path);
  }

  // Of the few that are worth a look of their own; nothing if it is gone by now.
  [[nodiscard]] std::optional<sys::FileFacts> facts_of(const std::string& path) const {
    const auto name = RelPath::parse(path, bookkeeping_);
    return name ? root_.lstat(*name) : std::nullopt;
  }

  std::vector<Part> parts_;
  const sys::Dir& root_;
  const Bookkeeping& bookkeeping_;
  const IndexView& view_;
  NewestEvents& table_;
  const ComparisonOptions& options_;
  InodeSieve sieve_;
};

bool below_any(std::string_view path, const std::vector<std::string>& directories) {
  return std::any_of(directories.begin(), directories.end(), [&](const std::string& directory) {
    return path.starts_with(directory) && path.size() > directory.size() && path[directory.size()] == '/';
  });
}

}  // namespace

bool UpstreamStatus::operator==(const UpstreamStatus& other) const {
  if (word != other.word || epoch != other.epoch || as_recorded != other.as_recorded ||
      disk.has_value() != other.disk.has_value())
    return false;
  if (!disk) return true;
  return disk->type == other.disk->type && disk->inode == other.disk->inode &&
         disk->size_bytes == other.disk->size_bytes && disk->mtime_s == other.disk->mtime_s &&
         disk->mtime_ns == other.disk->mtime_ns;
}

std::optional<Check> judge(const UpstreamStatus& status) noexcept {
  const bool named = status.word == EventType::new_;
  if (!status.disk) return named ? std::optional(Check::missing) : std::nullopt;
  if (!is_content(status.disk->type)) return named ? std::optional(Check::type) : std::nullopt;
  if (named) return status.as_recorded ? std::nullopt : std::optional(Check::changed);
  return status.word ? Check::hidden : Check::extra;
}

Comparison compare(const sys::Dir& root, const Bookkeeping& bookkeeping, IndexView& view,
                   const ComparisonOptions& options) {
  Comparison all;
  std::vector<std::string> unread(options.absent.begin(), options.absent.end());
  sys::TreeWalk walk;
  walk.threads = options.threads;
  if (!options.changed_since && !view.any_recorded()) walk.facts = sys::TreeWalk::Facts::type;
  Disk disk(sys::walk_threads(walk), root, bookkeeping, view, options);
  walk.visit = [&](unsigned worker, std::string_view directory, std::span<sys::WalkEntry> entries) {
    disk.visit(worker, directory, entries);
  };
  walk.unreadable = [&](std::string_view directory, int errno_value) {
    unread.emplace_back(directory);
    all.unread.push_back(cat(directory, '\0', std::strerror(errno_value)));
  };
  meter().begin("reading the tree", view.table().size());
  sys::walk_tree(root, "", walk);
  disk.take(all);
  add_stale_names(root, bookkeeping, view, all);
  view.table().for_each([&](const NewestEvents::Entry& entry) {
    if (entry.value.type != EventType::new_ || !is_wanted(entry.path(), options)) return;
    ++all.files_in_index;
    if (entry.value.seen == 0 && !below_any(entry.path(), unread))
      all.suspects.push_back({Check::missing, std::string(entry.path()), status_of(view, &entry, {})});
  });
  return all;
}

void add_stale_names(const sys::Dir& root, const Bookkeeping& bookkeeping, IndexView& view,
                     Comparison& found) {
  for (auto& name : stale_names(root, bookkeeping, view, found.repeated)) {
    auto status = status_of(view, view.table().find(name.path), name.facts);
    if (!status.as_recorded) continue;  // found by that
    status.as_recorded = false;
    found.suspects.push_back(
        {Check::changed, std::move(name.path), std::move(status), std::move(name.other)});
  }
}

UpstreamStatus look_at(const sys::Dir& root, const Bookkeeping& bookkeeping, IndexView& view,
                       const std::string& path) {
  const auto name = RelPath::parse(path, bookkeeping);
  return status_of(view, view.table().find(path), name ? root.lstat(*name) : std::nullopt);
}

}  // namespace recentd::audit
