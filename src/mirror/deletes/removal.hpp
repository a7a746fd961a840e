#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/error.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/mirror_report.hpp>
#include <recentd/observer.hpp>

#include "base/log_throttle.hpp"
#include "mirror/deletes/delete_guard.hpp"
#include "mirror/deletes/extraneous.hpp"
#include "mirror/hook_points.hpp"
#include "state/progress.hpp"
#include "sys/tree/dir.hpp"
#include "target/demand_same.hpp"
#include "target/generations/generations.hpp"
#include "target/inner_trees.hpp"
#include "target/quarantine.hpp"
#include "upstream/chain.hpp"

namespace recentd::mirror {

// What a round of deletes came to.
struct RemovalResult {
  std::uint64_t removed = 0;
  Flood held;  // not done because they are more than max_delete
};

// Takes files out of the target, or into the quarantine: what the index forgot, and with prune what it never
// named, as far as the guard lets it; recentd-mirror(7), DELETES.
class Removal {
 public:
  // All must outlive it. `demand_same` is called before each round, and now and then in a long one. Opens the
  // quarantine if one is wished for; throws Error as its constructor.
  Removal(const MirrorOptions& options, const sys::Dir& target, const upstream::Chain& chain,
          state::Progress& progress, DeleteGuard& guard, const target::Generations& generations,
          target::DemandSame demand_same, HookPoints& hooks, Observer& observer, Clock& clock,
          MirrorReport& report);

  // Carries out the queued deletes of levels that are visible: files and links first, then directories, the
  // longest path first; parents that became empty go too. A directory that is not empty stays.
  RemovalResult perform();

  // Removes what lies in the target although no level names it as present: the deletes that Z no longer
  // tells. The levels must all be complete.
  RemovalResult prune();

  // Tells, in log and report, what prune() would remove.
  void report_extraneous();

  // Carries out the queued deletes below a directory whose name a file is to get, visible or not, unless they
  // are part of a flood. Parents that lose their last file go with it, so afterwards the way is free or
  // really blocked. With `strays` all else below it goes, too, as far as the guard lets it and it is no other
  // tree's: where a file is due the upstream has no directory.
  void clear_way(const RelPath& path, bool strays);

  // Removes from the quarantine what has been there long enough.
  void sweep();

 private:
  struct Candidate {
    RelPath path;
    std::string interval;
    bool directory;
  };
  void open_quarantine();
  void refuse_to_lose_quarantine() const;
  void drop_unusable();
  void demand_same();
  void demand_same_now_and_then();
  [[nodiscard]] std::vector<Candidate> due(bool held) const;
  [[nodiscard]] bool is_visible(const std::string& interval) const;
  sys::Dir::Removal unlink(const RelPath& path);
  bool remove_one(const Candidate& candidate);
  // What lies below a directory, each directory before what is in it; nothing if not all of it may go.
  struct Below {
    std::vector<RelPath> files, directories;
  };
  bool list_below(const std::string& directory, Below& found) const;
  void clear_queued(const RelPath& path);
  void clear_strays(const RelPath& path);
  bool prune_one(const Candidate& candidate);
  void note_failed(const Candidate& candidate, const Error& error);
  [[nodiscard]] Extraneous extraneous() const;
  void note_extraneous(const Extraneous::Summary& found);

  const MirrorOptions& options_;
  const sys::Dir& target_;
  const upstream::Chain& chain_;
  state::Progress& progress_;
  DeleteGuard& guard_;
  const target::Generations& generations_;  // that are told of each path before
  target::DemandSame demand_same_;
  unsigned removed_unlooked_ = 0;  // since the last look whether the target is the same
  HookPoints& hooks_;
  Observer& observer_;
  Clock& clock_;
  MirrorReport& report_;
  std::optional<target::Quarantine> quarantine_;
  target::InnerTrees inner_;  // as they are in one round
  FirstFew first_few_;        // deletes that cannot be done
};

}  // namespace recentd::mirror
