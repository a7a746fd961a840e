#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log_throttle.hpp"
#include "mirror/deletes/removal.hpp"
#include "mirror/plan/seen_paths.hpp"
#include "mirror/publish/partial_index.hpp"
#include "mirror/transfer/batch.hpp"
#include "mirror/transfer/batch_size.hpp"
#include "mirror/workshop.hpp"
#include "recentfile/names.hpp"
#include "state/state_store.hpp"
#include "sys/file/atomic_file.hpp"
#include "upstream/chain_rules.hpp"
#include "upstream/index_cache.hpp"
#include "upstream/source.hpp"

namespace recentd::mirror {

// One mirror at work: fetches the indexes that are due, works them off from small to large and from new to
// old, shows each index once its content is there, deletes after that, and saves its state after every batch
// (recentd(1), SPEC 9). All outside effects go through the transport, the target directory and the clock, so
// tests can replace them.
class Engine {
 public:
  // `private_directory` exists, lies on the target's file system, and is locked by the caller.
  Engine(const MirrorOptions& options, upstream::SourceSpec source, const std::string& target,
         const std::string& private_directory, const std::string& index_directory,
         transport::Transport& transport, Clock& clock, Observer& observer, Hooks* hooks = nullptr);

  // Takes away what an rsync that was ended left unfinished.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  enum class PassEnd {
    up_to_date,  // every level evaluated, mirrored and shown
    open,        // something is left that another pass may settle
    cut,         // it took long, and the principal is due again: call again at once
    broken,      // a connection failed; problem() says why
    stopped,     // the process was asked to stop
  };
  // Whether a pass leaves paths alone that failed again and again, as a service does, or tries all of them.
  enum class FailingPaths { try_all, let_rest };
  // One pass. Throws Error{missing, corrupt, usage, io} for what another pass will not mend by itself.
  PassEnd pass(FailingPaths failing = FailingPaths::try_all);
  // Fetches just these paths.
  void fetch_paths(const std::vector<std::string>& paths);

  [[nodiscard]] const std::optional<transport::Problem>& problem() const noexcept { return problem_; }
  // Deletes that max_delete held back in the last pass.
  [[nodiscard]] std::uint64_t held_deletes() const noexcept { return held_deletes_; }
  // Files that --prune would have removed but for max_delete.
  [[nodiscard]] std::uint64_t held_extra() const noexcept { return held_extra_; }
  // True if the last pass left nothing open but those.
  [[nodiscard]] bool only_deletes_open() const noexcept { return only_deletes_open_; }
  // True if what is open (missing, or of other content) waits only for a second look with a fresh principal.
  [[nodiscard]] bool only_vanished_open() const;
  [[nodiscard]] MirrorReport& report() noexcept { return report_; }
  // A principal whose newest event is above it is not believed; nothing: any is.
  void set_ceiling(std::optional<Epoch> ceiling) { ceiling_ = std::move(ceiling); }
  // The principal as it was fetched last; nullptr if there is none yet.
  [[nodiscard]] const upstream::LevelFacts* principal() const noexcept {
    return levels_.empty() || !levels_.front().facts ? nullptr : &*levels_.front().facts;
  }
  [[nodiscard]] const state::MirrorState& state() const noexcept { return state_; }
  // Index files that are still to come, and why; for reports.
  [[nodiscard]] std::vector<std::string> open_levels() const;
  // What is open, one line each, at most `limit`.
  [[nodiscard]] std::vector<std::string> missing_lines(std::size_t limit) const;

 private:
  enum class WorkEnd { finished, principal_due, broken, stopped };

  void load_state();
  void save_state();
  void sync_content();

  void hear_operator();
  void refresh_principal();
  [[nodiscard]] std::vector<std::string> principal_names();
  [[nodiscard]] std::string find_link();
  void follow_link(const std::string& link, const upstream::IndexCache::Item& item);
  void take_principal(const upstream::IndexCache::Item& item);
  void adopt_chain();
  void adopt_dirtymark();
  upstream::IndexCache::Result fetch_indexes(const std::vector<std::string>& names,
                                             const upstream::IndexCache::AllBounds& bounds);
  upstream::IndexCache::Result fetch_principal(const std::vector<std::string>& names);
  upstream::LevelStatus level_status(const Interval& interval);
  void note_visible(upstream::LevelStatus& level) const;

  bool fetch_needed_levels();
  [[nodiscard]] std::vector<std::size_t> needed_levels();
  void take_level(upstream::LevelStatus& level, upstream::IndexCache::Item& item);
  [[nodiscard]] bool ahead_of_principal() const;

  WorkEnd work_off();
  WorkEnd work_off_level(std::size_t i, SeenPaths& seen, codec::EventReader& reader);
  WorkEnd transfer_all(std::size_t i, LevelScan& scan, std::vector<Step>* blocked);
  WorkEnd transfer_in_lanes(std::size_t i, LevelScan& scan, std::vector<Step>* blocked);
  WorkEnd transfer_in_turn(std::size_t i, LevelScan& scan, std::vector<Step>* blocked);
  std::unique_ptr<Batch> next_batch(std::size_t i, LevelScan& scan, std::size_t most,
                                    std::vector<Step>* blocked, WorkEnd& end);
  WorkEnd conclude(Batch& batch, Done& done, std::vector<Step>* blocked);
  WorkEnd after_batch(bool transferred);
  static WorkEnd first_of(WorkEnd a, WorkEnd b) { return a == WorkEnd::finished ? b : a; }
  [[nodiscard]] std::uint64_t bytes_per_s_now() const;
  void prepare_done(std::size_t i);
  void inherit_done(std::size_t i);
  [[nodiscard]] bool is_complete(std::size_t i);
  [[nodiscard]] bool works_ahead() const;
  [[nodiscard]] bool is_urgent(const Batch& batch) const;
  void abandon(Batch& batch, LevelScan& scan, Done& done);
  [[nodiscard]] bool principal_due() const;
  [[nodiscard]] bool partial() const;

  void show_complete_levels();
  void show_joined(std::size_t i, std::size_t n);
  void note_hidden(std::size_t n);
  void publish(const upstream::LevelStatus& level);
  [[nodiscard]] bool is_published(const upstream::LevelStatus& level) const;
  [[nodiscard]] LevelName name_of(const upstream::LevelStatus& level) const;
  void show(upstream::LevelStatus& level);
  void adopt_selection();
  void show_link();
  void remove_deleted();
  void finish();
  [[nodiscard]] std::int64_t now_s() const;
  [[nodiscard]] std::int64_t steady_s() const;
  void rest_failing_paths();

  const MirrorOptions& options_;
  upstream::SourceSpec source_;
  sys::Dir target_;
  std::string private_directory_;
  Fsync fsync_;
  transport::Transport& transport_;
  Clock& clock_;
  Observer& observer_;
  state::StateStore store_;
  upstream::IndexCache cache_;
  target::TransferJournal journal_;
  BatchSize batch_size_;

  state::MirrorState state_;
  Pending pending_;
  RestingPaths resting_;
  MirrorReport report_;
  Bookkeeping bookkeeping_;
  Workshop shop_;
  OwnIndex own_;
  std::string selection_;            // what a partial mirror leaves out; empty for a full one
  std::optional<std::string> link_;  // ROOT.recent at the upstream, once known
  bool link_is_file_ = false;        // it is a regular file there and serves as the principal
  LevelName principal_name_;
  std::vector<upstream::LevelStatus> levels_;
  std::optional<Epoch> ceiling_;
  std::optional<Epoch> known_newest_;  // as the state had it when this pass began
  std::optional<transport::Problem> problem_;
  std::chrono::nanoseconds last_fetch_{0};
  Removal removal_{shop_, cache_, levels_};
  std::uint64_t held_deletes_ = 0, held_extra_ = 0;
  bool only_deletes_open_ = false;
  LogThrottle level_trouble_;
  bool unsaved_ = false;
  bool unsynced_ = false;
};

}  // namespace recentd::mirror
