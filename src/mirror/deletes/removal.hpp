#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log_throttle.hpp"
#include "mirror/deletes/extraneous.hpp"
#include "mirror/workshop.hpp"
#include "target/quarantine.hpp"
#include "upstream/chain_rules.hpp"
#include "upstream/index_cache.hpp"

namespace recentd::mirror {

// What a round of deletes came to.
struct RemovalResult {
  std::uint64_t removed = 0;
  std::uint64_t held = 0;  // not done because they are more than max_delete
};

// Takes files out of the target: what the index forgot, and with --prune what it never named. Holds all of
// them back when they are more than max_delete, and raises the alarm: at once, then with falling frequency
// (SPEC 9.4, DECISIONS 37, 39).
class Removal {
 public:
  // `levels`: the chain as the engine knows it at the time of each call.
  // Opens the quarantine if one is wished for; throws Error as its constructor.
  Removal(Workshop& shop, const upstream::IndexCache& cache,
          const std::vector<upstream::LevelStatus>& levels);

  // Lets what is queued now through, whatever its number, but for deletes newer than `up_to` if that is
  // given; what is queued later is judged anew.
  void accept_queued(const std::optional<Epoch>& up_to = {});

  // Carries out the queued deletes of levels that are visible: files and links first, then directories, the
  // longest path first; parents that became empty go too. A directory that is not empty stays. Judged are all
  // queued deletes with those that levels not worked off yet still tell, so that a flood is recognised before
  // its first file is gone.
  RemovalResult perform();

  // Removes what lies in the target although no level names it as present: the deletes that Z no longer tells
  // (SPEC 11.1 C23). The levels must all be complete.
  RemovalResult prune();

  // Tells, in log and report, what prune() would remove.
  void report_extraneous();

  // Carries out the queued deletes below a directory whose name a file is to get, visible or not, unless they
  // are part of a flood. Parents that lose their last file go with it, so afterwards the way is free or
  // really blocked.
  void clear_way(const RelPath& path);

  // Removes from the quarantine what has been there long enough.
  void sweep();

 private:
  struct Candidate {
    RelPath path;
    std::string interval;
    bool directory;
  };
  struct Flood {
    std::uint64_t deletes = 0;
    std::uint64_t tree = 0;
  };
  void refuse_to_lose_quarantine() const;
  std::optional<Flood> judge();
  std::uint64_t strike_absent();
  [[nodiscard]] Flood count(std::uint64_t queued) const;
  [[nodiscard]] std::vector<Candidate> due(bool held) const;
  [[nodiscard]] bool is_visible(const std::string& interval) const;
  sys::Dir::Removal unlink(const RelPath& path);
  bool remove_one(const Candidate& candidate);
  void note_extraneous(const Extraneous::Summary& found);
  void alarm(const Flood& flood, std::string_view what, std::string_view advice);

  Workshop& shop_;
  const upstream::IndexCache& cache_;
  const std::vector<upstream::LevelStatus>& levels_;
  std::string judged_;          // what the last flood was judged from
  std::optional<Flood> flood_;  // what came out
  ReminderThrottle alarm_;
  std::optional<target::Quarantine> quarantine_;
};

}  // namespace recentd::mirror
