#include "watch/look.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/file/open_for_write.hpp"
#include "sys/tree/mounts.hpp"
#include "tree/unfinished.hpp"
#include "watch/pending.hpp"

namespace recentd::watch {

namespace {

// How much a file's time may be newer than the event that tells of it: clocks and epochs are not that exact.
constexpr std::int64_t k_slack_s = 2;
// Long enough for rsync to come from the last byte to the final name.
constexpr std::chrono::nanoseconds k_first_rest = std::chrono::seconds(2);
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
  const Print print = *type == EventType::new_ ? print_of(*status.facts) : Known::k_unseen;
  findings_.add({std::string(path), *type, print});
}

void Look::refuse(const std::string& path) {
  const auto flaw = RelPath::check(path, rules_.bookkeeping);
  if (flaw == RelPath::Flaw::none && unfinished_by_name(path) == Unfinished::surely)
    left_out_.note(LeftOut::Why::unfinished, path);
  if (flaw == RelPath::Flaw::bookkeeping && LeftOut::is_stray(path, rules_.bookkeeping.filenameroot()))
    left_out_.note(LeftOut::Why::bookkeeping, path);
  if (flaw != RelPath::Flaw::too_long) return;
  if (told_too_long_.size() >= k_told_max || !told_too_long_.insert(path).second) return;
  warn_(cat("a path of ", path.size(), " bytes is too long for any index and is not told: ",
            escaped(joined(root_.path(), path.substr(0, k_told_bytes))), "..."));
}

// What the index tells of is content, whatever it is called.
bool Look::is_unfinished(const std::string& path, const std::optional<sys::FileFacts>& facts, bool known) {
  if (known || !facts || unfinished_by_name(path) != Unfinished::perhaps) return false;
  const auto parsed = RelPath::parse(path, rules_.bookkeeping);
  const auto now_ns = clock_.now().time_since_epoch().count();
  if (!parsed || !recentd::is_unfinished(root_, *parsed, *facts, now_ns)) return false;
  left_out_.note(LeftOut::Why::unfinished, path);
  // The end of a writing is told.
  resting_.note(path, clock_.steady() + time_to_rest(*facts, now_ns).value_or(k_unfinished_age));
  return true;
}

bool Look::rests(const Hint& hint) {
  using What = Hint::What;
  const bool gone = hint.what == What::gone;
  if (!gone && hint.what != What::complete && hint.what != What::made) return false;
  if (unfinished_by_name(hint.path) != Unfinished::perhaps || known_.find(hint.path)) return false;
  if (gone) {
    resting_.forget(hint.path);
  } else {
    resting_.note(hint.path, clock_.steady() + k_first_rest);
  }
  return true;
}

std::optional<std::vector<std::string>> Look::rested() {
  if (resting_.take_overflow(clock_.steady())) return std::nullopt;
  return resting_.take_due(clock_.steady());
}

void Look::at(const std::string& path, Reason reason) {
  if (!rules_.takes(path)) return refuse(path);
  if (is_within(path, mounts_.absent())) return;
  const auto parsed = RelPath::parse(path, rules_.bookkeeping);
  try {
    const auto facts = root_.lstat(*parsed);
    find_at(path, reason, facts);
    if (facts) {
      look_at_links(path, reason, *facts);
    } else {
      links_.forget(path);
    }
  } catch (const Error& error) {
    if (error.kind() != Kind::io) throw;
    warn_(error.what());
  }
}

void Look::find_at(const std::string& path, Reason reason, const std::optional<sys::FileFacts>& facts) {
  const auto known = known_.find(path);
  if (!is_unfinished(path, facts, known.has_value())) find(path, reason, known, {facts});
}

// The kernel tells of the name alone under which a file was written. Nobody looks for the others before that:
// most links are made and never written through.
void Look::look_at_links(const std::string& path, Reason reason, const sys::FileFacts& facts) {
  links_.note(path, facts);
  if (reason == Reason::complete && links_.lacks_names(path, facts)) nameless_.insert(Links::file_of(facts));
  for (const auto& other : links_.others(path)) {
    const auto parsed = RelPath::parse(other, rules_.bookkeeping);
    const auto now = parsed ? root_.lstat(*parsed) : std::nullopt;
    if (now) links_.note(other, *now);
    if (now && Links::file_of(*now) == Links::file_of(facts)) find_at(other, Reason::found, now);
  }
}

void Look::find_links() {
  if (nameless_.empty()) return;
  const auto wanted = std::exchange(nameless_, {});
  std::set<std::uint64_t> inodes;
  for (const auto& file : wanted) inodes.insert(file.second);
  std::vector<std::string> names;
  sys::TreeWalk walk;
  walk.facts = sys::TreeWalk::Facts::type;
  walk.visit = [&](unsigned, std::string_view at, std::span<sys::WalkEntry> entries) {
    const std::lock_guard lock(mutex_);
    for (auto& entry : entries) {
      if (entry.facts.type == sys::FileType::regular && inodes.contains(entry.facts.inode))
        names.push_back(joined(at, entry.name));
      if (entry.facts.type == sys::FileType::directory) {
        const auto path = joined(at, entry.name);
        entry.descend = rules_.enters(path) && !is_within(path, mounts_.absent());
      }
    }
  };
  walk.unreadable = [](std::string_view, int) {};  // told where it matters
  sys::walk_tree(root_, "", walk);
  std::map<Links::File, std::uint32_t> links;
  for (const auto& name : names) {
    const auto parsed = RelPath::parse(name, rules_.bookkeeping);
    const auto facts = parsed && rules_.takes(name) ? root_.lstat(*parsed) : std::nullopt;
    if (!facts || !wanted.contains(Links::file_of(*facts))) continue;
    links_.note(name, *facts);
    links[Links::file_of(*facts)] = facts->links;
    find_at(name, Reason::found, facts);
  }
  for (const auto& [file, count] : links) links_.complete(file, count);
}

void Look::walk(const std::string& directory,
                const std::function<void(const std::string&, sys::WalkEntry&)>& file) {
  sys::TreeWalk walk;
  walk.visit = [&](unsigned, std::string_view at, std::span<sys::WalkEntry> entries) {
    const std::lock_guard lock(mutex_);
    for (auto& entry : entries) {
      const auto path = joined(at, entry.name);
      if (entry.facts.type != sys::FileType::regular)
        if (const auto inner = LeftOut::inner_tree_of(path)) left_out_.note(LeftOut::Why::inner_tree, *inner);
      if (entry.facts.type != sys::FileType::directory) {
        file(path, entry);
        continue;
      }
      entry.descend = rules_.enters(path);
      if (!entry.descend) {
        refuse(path);
        continue;
      }
      // The bare directory is not what the index tells of.
      entry.descend = !is_within(path, mounts_.absent());
      if (!entry.descend) continue;
      if (entry.facts.device != root_device_ && !is_within(path, mounts_.all()))
        mounts_.add(path, entry.facts.device);
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
  if (is_within(directory, mounts_.absent())) return;
  source_.cover(directory);
  sys::walk_tree(root_, directory, walk);
}

void Look::into(const std::string& directory) {
  if (!rules_.enters(directory)) return;
  walk(directory, [&](const std::string& path, sys::WalkEntry& entry) {
    if (!rules_.takes(path)) return refuse(path);
    links_.note(path, entry.facts);
    find_at(path, Reason::found, entry.facts);
  });
}

// Those that the index tells are looked for before it is asked whether they may be told, and read from it
// once more to tell them: a tree may lose more at once than should be held. False if they may not.
bool Look::tell_deletes(IndexView& view, std::uint64_t deletes, std::uint64_t present,
                        const Findings::MayTell& may_tell) {
  if (deletes == 0) return true;
  if (!findings_.judge(may_tell, deletes, present)) return false;
  findings_.find_judged([&] {
    view.each_chosen([&](std::string_view path) {
      links_.forget(std::string(path));
      findings_.add({std::string(path), EventType::delete_, Known::k_unseen});
    });
  });
  return true;
}

// What is there again is looked at.
bool Look::went_away(const std::string& path) {
  if (findings_.contains(path)) return false;
  // Whoever told the index of it, its end is news.
  if (!known_.find(path)) known_.set(path, Known::k_unseen);
  if (may_be_deleted(path)) return true;
  at(path, Reason::found);
  return false;
}

void Look::behind(const TreeLayout& layout, const std::set<std::string>& directories,
                  const Findings::MayTell& may_tell) {
  if (directories.empty()) return;
  IndexView view(layout, directories);
  const auto gone = view.choose_unmet([&](std::string_view path) { return went_away(std::string(path)); });
  tell_deletes(view, gone, known_.size(), may_tell);
}

void Look::meet(const std::string& path, const sys::WalkEntry& entry, IndexView& view,
                const std::optional<TimePoint>& since) {
  if (!rules_.takes(path)) return refuse(path);
  links_.note(path, entry.facts);
  auto event = view.find(path);
  if (is_unfinished(path, entry.facts, event.has_value())) return;
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
      status.suspicious = newer || (since && entry.facts.changed_ns >= since->time_since_epoch().count());
    }
  }
  find(path, Reason::compared, known, status);
}

bool Look::may_be_deleted(std::string_view path) {
  if (!rules_.takes(path) || is_within(path, mounts_.absent()) || is_within(path, unreadable_)) return false;
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
                               const std::optional<TimePoint>& since, const Findings::MayTell& may_tell) {
  Comparison result;
  check_mounts();
  if (directories.contains("")) find_mounts();
  unreadable_.clear();
  left_out_ = {};
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
  const auto missing = view.choose_unmet(
      [&](std::string_view path) { return !findings_.contains(path) && may_be_deleted(path); });
  if (!tell_deletes(view, missing, result.present, may_tell)) result.held = missing;
  return result;
}

std::vector<std::string> Look::listed_mounts() const {
  return sys::mounts_below(sys::real_path(root_.path()).value_or(root_.path()));
}

std::vector<std::string> Look::find_mounts() {
  std::vector<std::string> found;
  const auto listed = listed_mounts();
  for (const auto& path : listed) {
    if (!rules_.enters(path) || mounts_.all().contains(path)) continue;
    const auto device = sys::mounted_device(root_, path, listed);
    if (device && mounts_.add(path, *device)) found.push_back(path);
  }
  return found;
}

std::vector<std::string> Look::check_mounts() {
  std::vector<std::string> back;
  if (mounts_.all().empty()) return back;
  const auto listed = listed_mounts();
  const auto now_s = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
  for (const auto& path : mounts_.all()) {
    const auto change = mounts_.judge(path, sys::mounted_device(root_, path, listed), now_s);
    if (change == SubMounts::Change::went) warn_(words_for_absent(root_.path(), path, mounts_.at(path)));
    if (change == SubMounts::Change::came) back.push_back(path);
  }
  return back;
}

}  // namespace recentd::watch
