#include "watch/look.hpp"

#include <algorithm>
#include <cstring>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/file/open_for_write.hpp"
#include "sys/tree/mounts.hpp"
#include "watch/pending.hpp"

namespace recentd::watch {

namespace {

// How much a file's time may be newer than the event that tells of it: clocks and epochs are not that exact.
constexpr std::int64_t k_slack_s = 2;
constexpr std::size_t k_told_max = 100;    // of paths that are too long
constexpr std::size_t k_told_bytes = 200;  // of such a path

std::string joined(std::string_view directory, std::string_view name) {
  std::string path(directory);
  if (!path.empty()) path += '/';
  path += name;
  return path;
}

}  // namespace

Look::Look(const sys::Dir& root, const Rules& rules, Known& known, Source& source, Clock& clock,
           std::function<void(const std::string&)> warn)
    : root_(root),
      rules_(rules),
      known_(known),
      source_(source),
      clock_(clock),
      warn_(std::move(warn)),
      root_device_(root.facts().device) {}

bool Look::is_open_for_write(std::string_view path) const {
  const auto parsed = RelPath::parse(path, rules_.bookkeeping);
  // Where the kernel cannot tell, a file counts, perhaps too early, and once more when it is closed.
  return parsed && sys::is_open_for_write(root_, *parsed).value_or(false);
}

void Look::find(std::string_view path, Reason reason, std::optional<Print> known, UpstreamStatus status) {
  if (asks_if_under_way(reason, known, status)) status.under_way = is_open_for_write(path);
  const auto type = decide(reason, known, status);
  if (!type) {
    if (known && !status.under_way) known_.set(path, print_of(*status.facts));
    return;
  }
  add(std::string(path), *type, *type == EventType::new_ ? print_of(*status.facts) : Known::k_unseen);
}

void Look::add(std::string path, EventType type, Print print) {
  if (found_.contains(path)) return;
  findings_.push_back({std::move(path), type, print});
  found_.insert(findings_.back().path);
}

void Look::refuse(const std::string& path) {
  if (RelPath::check(path, rules_.bookkeeping) != RelPath::Flaw::too_long) return;
  if (told_too_long_.size() >= k_told_max || !told_too_long_.insert(path).second) return;
  warn_(cat("a path of ", path.size(), " bytes is too long for any index and is not told: ",
            escaped(joined(root_.path(), path.substr(0, k_told_bytes))), "..."));
}

void Look::at(const std::string& path, Reason reason) {
  if (!rules_.takes(path)) return refuse(path);
  if (is_within(path, unmounted_)) return;
  const auto parsed = RelPath::parse(path, rules_.bookkeeping);
  try {
    find(path, reason, known_.find(path), {root_.lstat(*parsed)});
  } catch (const Error& error) {
    if (error.kind() != Kind::io) throw;
    warn_(error.what());
  }
}

void Look::walk(const std::string& directory,
                const std::function<void(const std::string&, sys::WalkEntry&)>& file) {
  sys::TreeWalk walk;
  walk.visit = [&](unsigned, std::string_view at, std::span<sys::WalkEntry> entries) {
    const std::lock_guard lock(mutex_);
    for (auto& entry : entries) {
      const auto path = joined(at, entry.name);
      if (entry.facts.type != sys::FileType::directory) {
        file(path, entry);
        continue;
      }
      entry.descend = rules_.enters(path);
      if (!entry.descend) {
        refuse(path);
        continue;
      }
      if (entry.facts.device != root_device_ && !is_within(path, mounts_)) mounts_.insert(path);
      source_.cover(path);
    }
  };
  walk.unreadable = [&](std::string_view at, int failure) {
    const std::lock_guard lock(mutex_);
    unreadable_.emplace(at);
    if (!told_unreadable_.emplace(at).second) return;
    warn_(cat("cannot read the directory ", escaped(joined(root_.path(), at)), ": ", std::strerror(failure),
              "; what the index tells of it stays"));
  };
  source_.cover(directory);
  sys::walk_tree(root_, directory, walk);
}

void Look::into(const std::string& directory) {
  if (!rules_.enters(directory)) return;
  walk(directory, [&](const std::string& path, sys::WalkEntry& entry) {
    if (!rules_.takes(path)) return refuse(path);
    find(path, Reason::found, known_.find(path), {entry.facts});
  });
}

void Look::behind(const TreeLayout& layout, const std::set<std::string>& directories) {
  if (directories.empty()) return;
  IndexView view(layout, directories);
  view.each_unmet([&](std::string_view path) {
    // Whoever told the index of it, its end is news.
    if (!known_.find(path)) known_.set(path, Known::k_unseen);
    at(std::string(path), Reason::found);
  });
}

void Look::meet(const std::string& path, const sys::WalkEntry& entry, IndexView& view,
                const std::optional<TimePoint>& since) {
  if (!rules_.takes(path)) return refuse(path);
  auto event = view.find(path);
  auto known = known_.find(path);
  UpstreamStatus status{entry.facts};
  if (!event) {
    known.reset();  // somebody else told of its end
  } else {
    const bool content = is_content(status.facts);
    if (!content) return;
    event->meet();
    if (!known) known = Known::k_unseen;
    if (*known == Known::k_unseen) {
      const auto now_s = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
      const auto time = entry.facts.mtime_s;
      const bool newer = time > event->epoch_s() + k_slack_s && time <= now_s;
      status.suspicious = newer || (since && entry.changed_ns >= since->time_since_epoch().count());
    }
  }
  find(path, Reason::compared, known, status);
}

bool Look::may_be_deleted(std::string_view path) {
  if (!rules_.takes(path) || is_within(path, unmounted_) || is_within(path, unreadable_)) return false;
  const auto parsed = RelPath::parse(path, rules_.bookkeeping);
  try {
    return !is_content(root_.lstat(*parsed));
  } catch (const Error& error) {
    if (error.kind() != Kind::io) throw;
    warn_(error.what());
    return false;
  }
}

Look::Comparison Look::compare(const TreeLayout& layout, const std::set<std::string>& directories,
                               const std::optional<TimePoint>& since, const DeleteLimit& limit) {
  Comparison result;
  check_mounts();
  unreadable_.clear();
  IndexView view(layout, directories);
  // A part of the tree may go as a whole if it is little of the tree.
  result.present = view.present();
  if (!directories.contains("")) result.present = std::max<std::uint64_t>(result.present, known_.size());
  for (const auto& directory : directories) {
    walk(directory, [&](const std::string& path, sys::WalkEntry& entry) { meet(path, entry, view, since); });
  }
  std::erase_if(told_unreadable_, [&](const std::string& path) {
    return !unreadable_.contains(path) && is_within(path, directories);
  });
  std::vector<std::string> missing;
  view.each_unmet([&](std::string_view path) {
    if (may_be_deleted(path)) missing.emplace_back(path);
  });
  if (!limit.allows(missing.size(), result.present)) {
    result.held = missing.size();
    return result;
  }
  for (auto& path : missing) add(std::move(path), EventType::delete_, Known::k_unseen);
  return result;
}

std::vector<std::string> Look::find_mounts() {
  std::vector<std::string> found;
  for (auto& mount : sys::mounts_below(sys::real_path(root_.path()).value_or(root_.path()))) {
    if (is_within(mount, mounts_) || !rules_.enters(mount)) continue;
    const auto facts = root_.lstat(*RelPath::parse(mount, rules_.bookkeeping));
    if (!facts || facts->type != sys::FileType::directory || facts->device == root_device_) continue;
    mounts_.insert(mount);
    found.push_back(std::move(mount));
  }
  return found;
}

std::vector<std::string> Look::check_mounts() {
  std::vector<std::string> back;
  for (const auto& mount : mounts_) {
    const auto parsed = RelPath::parse(mount, rules_.bookkeeping);
    const auto facts = parsed ? root_.lstat(*parsed) : std::nullopt;
    if (!facts || facts->device == root_device_) {
      if (unmounted_.insert(mount).second)
        warn_(cat("the file system at ", escaped(joined(root_.path(), mount)),
                  " is not mounted any more; what the index tells of it stays"));
    } else if (unmounted_.erase(mount) > 0) {
      back.push_back(mount);
    }
  }
  return back;
}

std::deque<Finding> Look::take() {
  found_.clear();
  return std::exchange(findings_, {});
}

}  // namespace recentd::watch
