#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/mirror_report.hpp>
#include <recentd/observer.hpp>
#include <recentd/path.hpp>

#include "base/log_throttle.hpp"
#include "recentfile/names.hpp"
#include "state/progress.hpp"
#include "transport/transport.hpp"
#include "upstream/acceptance.hpp"
#include "upstream/chain_rules.hpp"
#include "upstream/index_cache.hpp"
#include "upstream/source.hpp"

namespace recentd::upstream {

// Whoever shows index files to downstream mirrors, and so knows what these see.
class Shown {
 public:
  virtual ~Shown() = default;
  // The principal was fetched, with this dirtymark.
  virtual void principal_fetched(const std::optional<std::string>& dirtymark) = 0;
  // Fills in what of the level is visible now: `visible`, `published`, `published_newest`.
  virtual void look(LevelStatus& level) const = 0;
};

// The levels of the upstream's index as a mirror knows them, from the principal to Z, and the link that leads
// to the principal: finds it, fetches what is due, and adopts what arrived; recentd-mirror(7), FINDING THE
// INDEX, FETCHING THE INDEX, WHICH LEVELS ARE NEEDED. Not for use from two threads.
class Chain {
 public:
  // All but the source must outlive it.
  Chain(SourceSpec source, const MirrorOptions& options, IndexCache& cache, transport::Transport& transport,
        state::Progress& progress, Shown& shown, Clock& clock, Observer& observer, MirrorReport& report);
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  // Fetches link and principal, and adopts the chain and the dirtymark that the principal names. False if a
  // connection broke: see problem(). Throws Error{missing, corrupt, refused, usage, transport}.
  bool refresh();
  // Fetches the larger levels that are due, all in one connection, until none is. False if a connection
  // broke.
  bool fetch_needed();
  // Why the last fetch broke, if it did.
  [[nodiscard]] const std::optional<transport::Problem>& problem() const noexcept { return problem_; }
  void forget_problem() { problem_.reset(); }

  // A principal whose newest event is above it is not believed; nothing: any is.
  void set_ceiling(std::optional<Epoch> ceiling) { acceptance_.set_ceiling(std::move(ceiling)); }
  // Whether a partial mirror is refused, unless what was followed before is one.
  void set_whole_only(bool whole_only) { acceptance_.set_whole_only(whole_only); }
  // Whether what was followed last, perhaps by an earlier process, is a partial mirror.
  [[nodiscard]] bool follows_part() { return acceptance_.follows_part(); }
  // The dirtymark of an index that was refused as another tree's, if that was the last answer.
  [[nodiscard]] const std::optional<std::string>& stranger() const noexcept { return acceptance_.stranger(); }
  // Whether the principal was fetched so long ago that another look comes before more work.
  [[nodiscard]] bool is_due() const;

  // What is followed.
  [[nodiscard]] const SourceSpec& source() const noexcept { return source_; }
  // The principal first. Empty until refresh() has succeeded once.
  [[nodiscard]] std::vector<LevelStatus>& levels() noexcept { return levels_; }
  [[nodiscard]] const std::vector<LevelStatus>& levels() const noexcept { return levels_; }
  // The principal as it was fetched last; nullptr if there is none yet.
  [[nodiscard]] const LevelFacts* principal() const noexcept {
    return levels_.empty() || !levels_.front().facts ? nullptr : &*levels_.front().facts;
  }
  [[nodiscard]] LevelName name_of(const LevelStatus& level) const;
  [[nodiscard]] const IndexCache& cache() const noexcept { return cache_; }
  [[nodiscard]] IndexCache& cache() noexcept { return cache_; }
  // Which names are no content there.
  [[nodiscard]] const Bookkeeping& bookkeeping() const noexcept { return bookkeeping_; }

  // Whether the level's copy may be worked off now.
  [[nodiscard]] bool is_trusted(std::size_t i);
  // Whether it is trusted and worked off, or the upstream has none.
  [[nodiscard]] bool is_complete(std::size_t i);
  // Before the level is worked off: what was done under another dirtymark counts no more.
  void prepare_done(std::size_t i);
  // After that: a small level knows all events of its range, so the same range of the next larger one is
  // done.
  void inherit_done(std::size_t i);
  // Whether some larger level is wanted and not to be had.
  [[nodiscard]] bool is_wanting() const;
  // Nothing is: what was told of it is over.
  void all_is_well() { trouble_.over(); }

 private:
  IndexCache::Result fetch(const std::vector<std::string>& names, const IndexCache::AllBounds& bounds);
  IndexCache::Result fetch_principal(const std::vector<std::string>& names);
  [[nodiscard]] std::vector<std::string> principal_names();
  [[nodiscard]] std::string find_link();
  void take_what_came(const IndexCache::Result& result);
  void follow_link(const std::string& link, const IndexCache::Item& item);
  void adopt_principal_name(const std::string& link, const IndexCache::Item& item);
  void demand_principal(const IndexCache::Item& item);
  void take_principal(const IndexCache::Item& item);
  void note_newest();
  void begin_chain(const std::string& file);
  void adopt_levels();
  void adopt_dirtymark();
  LevelStatus level_status(const Interval& interval);
  [[nodiscard]] std::vector<std::size_t> needed();
  void take_level(std::size_t i, IndexCache::Item& item);
  void ask_later(LevelStatus& level);
  static void tell_skipped(const std::string& index, const LevelFacts& facts,
                           const std::optional<LevelFacts>& before);
  [[nodiscard]] bool is_ahead_of_principal() const;
  [[nodiscard]] std::int64_t steady_s() const;

  SourceSpec source_;
  const MirrorOptions& options_;
  IndexCache& cache_;
  transport::Transport& transport_;
  state::Progress& progress_;
  Shown& shown_;
  Clock& clock_;
  Observer& observer_;
  MirrorReport& report_;
  Bookkeeping bookkeeping_;
  std::optional<std::string> link_;  // ROOT.recent at the upstream, once known
  bool link_is_file_ = false;        // it is a regular file there and serves as the principal
  LevelName principal_;
  std::vector<LevelStatus> levels_;
  Acceptance acceptance_;
  std::optional<transport::Problem> problem_;
  std::chrono::nanoseconds last_fetch_{0};
  LogThrottle trouble_;
};

}  // namespace recentd::upstream
