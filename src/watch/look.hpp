#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/clock.hpp>

#include "origin/left_out.hpp"
#include "sys/tree/dir.hpp"
#include "sys/tree/tree_walk.hpp"
#include "tree/tree.hpp"
#include "watch/decision.hpp"
#include "watch/findings.hpp"
#include "watch/index_view.hpp"
#include "watch/links.hpp"
#include "watch/resting.hpp"
#include "watch/rules.hpp"
#include "watch/source.hpp"
#include "watch/sub_mounts.hpp"

namespace recentd::watch {

// Looks at the disk, at single names or at whole directories, and finds what the index has to be told.
// Remembers the file systems that are mounted below the root: what lies below one that went away is not known
// to be deleted. Not for use from two threads.
class Look {
 public:
  // All must outlive it. `warn` is told what cannot be looked at.
  Look(const sys::Dir& root, const Rules& rules, Known& known, Source& source, Clock& clock,
       std::function<void(const std::string&)> warn);

  // One name.
  void at(const std::string& path, Reason reason);
  // All that is in a directory that appeared, and below it.
  void into(const std::string& directory);
  // All that the index tells of directories that went away. Throws Error{missing, corrupt}.
  void behind(const TreeLayout& layout, const std::set<std::string>& directories,
              const Findings::MayTell& may_tell);

  struct Comparison {
    std::uint64_t held = 0;     // deletes that were left out because there were too many
    std::uint64_t present = 0;  // files that the index tells, of the whole tree where that is known
  };
  // Disk and index, below those directories. `since`: what was changed from then on may not be in the index.
  // Throws Error{missing, corrupt, io}.
  Comparison compare(const TreeLayout& layout, const std::set<std::string>& directories,
                     const std::optional<TimePoint>& since, const Findings::MayTell& may_tell);

  // File systems that are known from before; those that are away now are told by the next check.
  void expect_mounts(const KeptMounts& kept) { mounts_.expect(kept); }
  // File systems that were mounted since the tree was read; they are remembered from now on.
  std::vector<std::string> find_mounts();
  // Notes which file systems are there. Returns those that came back.
  std::vector<std::string> check_mounts();
  [[nodiscard]] const SubMounts& mounts() const noexcept { return mounts_; }
  // An operator said that one is gone for good; true if it was away.
  bool accept_unmounted(const std::string& path) { return mounts_.accept(path); }

  // Whether what the kernel told of a path is of no concern yet: rsync may be at work on it, and the index
  // does not know it. Then it is among those of rested() later.
  bool rests(const Hint& hint);
  // Paths to be looked at again now; nothing if all have to be.
  std::optional<std::vector<std::string>> rested();
  // Names that the last comparison passed over.
  [[nodiscard]] const LeftOut& left_out() const noexcept { return left_out_; }

  // Looks for the other names of files that were written and had one name alone before; reads the tree if
  // there are any, so it is for the end of a round.
  void find_links();
  // Whether files have more names than can be remembered.
  [[nodiscard]] bool too_many_links() const noexcept { return links_.overflowed(); }

  // Who gets what is found, in portions; called by the thread that found it, while all others wait.
  void deliver_to(Findings::Deliver deliver) { findings_.deliver_to(std::move(deliver)); }
  // What was found since the last call and not delivered.
  std::deque<Finding> take() { return findings_.take(); }

 private:
  void walk(const std::string& directory,
            const std::function<void(const std::string&, sys::WalkEntry&)>& file);
  void find(std::string_view path, Reason reason, std::optional<Print> known, UpstreamStatus status);
  bool tell_deletes(IndexView& view, std::uint64_t deletes, std::uint64_t present,
                    const Findings::MayTell& may_tell);
  void meet(const std::string& path, const sys::WalkEntry& entry, IndexView& view,
            const std::optional<TimePoint>& since);
  // Tells once of a name that is no bookkeeping and yet cannot be told.
  void refuse(const std::string& path);
  void look_at_links(const std::string& path, Reason reason, const sys::FileFacts& facts);
  void find_at(const std::string& path, Reason reason, const std::optional<sys::FileFacts>& facts);
  [[nodiscard]] bool is_unfinished(const std::string& path, const std::optional<sys::FileFacts>& facts,
                                   bool known);
  [[nodiscard]] bool may_be_deleted(std::string_view path);
  [[nodiscard]] bool went_away(const std::string& path);
  [[nodiscard]] std::vector<std::string> listed_mounts() const;
  [[nodiscard]] bool is_open_for_write(std::string_view path) const;

  const sys::Dir& root_;
  const Rules& rules_;
  Known& known_;
  Source& source_;
  Clock& clock_;
  std::function<void(const std::string&)> warn_;
  std::uint64_t root_device_;
  std::mutex mutex_;  // of what the threads of a walk share
  Findings findings_;
  SubMounts mounts_;
  std::set<std::string> unreadable_;
  std::set<std::string> told_unreadable_, told_too_long_;
  LeftOut left_out_;
  Resting resting_;
  Links links_;
  std::set<Links::File> nameless_;  // whose other names have to be looked for
};

}  // namespace recentd::watch
