#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/mirror_report.hpp>
#include <recentd/observer.hpp>

#include "mirror/deletes/delete_guard.hpp"
#include "mirror/deletes/removal.hpp"
#include "mirror/hook_points.hpp"
#include "mirror/publish/missing_guard.hpp"
#include "mirror/publish/publisher.hpp"
#include "mirror/transfer/fetcher.hpp"
#include "mirror/transfer/guarded_transport.hpp"
#include "mirror/transfer/pipeline.hpp"
#include "mirror/transfer/settler.hpp"
#include "state/progress.hpp"
#include "sys/tree/dir.hpp"
#include "target/delete_approval.hpp"
#include "target/generations/generations.hpp"
#include "target/transfer_journal.hpp"
#include "transport/transport.hpp"
#include "upstream/chain.hpp"
#include "upstream/source.hpp"

namespace recentd::mirror {

// Where a mirror works; recentd-mirror(7), THE TARGET.
struct Places {
  std::string target;
  std::string private_directory;        // on the target's file system, locked by the caller
  std::string index_directory;          // likewise, for fetched indexes
  target::DemandSame demand_same = {};  // empty: nobody can replace the target
};

// One mirror at work: fetches the indexes that are due, works them off from small to large and from new to
// old, shows each index once its content is there, deletes after that, and saves its progress after every
// batch; recentd-mirror(7), One pass. All outside effects go through the transport, the target directory and
// the clock, so that tests can replace them. Not for use from two threads.
class Pass {
 public:
  // Begins as the process before left off. All but the source and the places must outlive it. Throws
  // Error{io, corrupt, refused}.
  Pass(const MirrorOptions& options, upstream::SourceSpec source, const Places& places,
       transport::Transport& transport, Clock& clock, Observer& observer, HookPoints& hooks);
  // Takes away what an rsync that was ended left unfinished.
  ~Pass();
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;

  enum class End : std::uint8_t {
    up_to_date,  // every level evaluated, mirrored and shown
    open,        // something is left that another pass may settle
    cut,         // it took long, and the principal is due again: call again at once
    broken,      // a connection failed; problem() says why
    stopped,     // the process was asked to stop
  };
  // Whether paths that could not be had are left alone until their time has come, as a service does, or all
  // are tried but those that have been missing for long.
  enum class FailingPaths : std::uint8_t { try_all, let_rest };
  // One pass. Throws Error{missing, corrupt, usage, io} for what another pass will not mend by itself, and
  // Error{io} as soon as the target is not the same any more: then nothing is deleted, shown or saved.
  End run(FailingPaths failing = FailingPaths::try_all);
  // Fetches just these paths; returns why the connection broke, if it did. What did not arrive is told by
  // missing_lines(). Throws Error{refused} for a path that is no content.
  std::optional<transport::Problem> fetch_paths(const std::vector<std::string>& paths);
  // A principal whose newest event is above it is not believed; nothing: any is.
  void set_ceiling(std::optional<Epoch> ceiling) { chain_.set_ceiling(std::move(ceiling)); }
  // Whether a partial mirror is refused, unless what was mirrored before is a part already.
  void set_whole_only(bool whole_only) { chain_.set_whole_only(whole_only); }
  [[nodiscard]] bool follows_part() { return chain_.follows_part(); }
  // The dirtymark of an index that was refused as another tree's, if that was the last answer.
  [[nodiscard]] const std::optional<std::string>& stranger() const noexcept { return chain_.stranger(); }

  // Why the last run ended `broken`.
  [[nodiscard]] const std::optional<transport::Problem>& problem() const noexcept;
  // Of all runs since begin_report(), which keeps what holds until the next run: deletes that are held back.
  [[nodiscard]] MirrorReport& report() noexcept { return report_; }
  void begin_report();
  // True if the last run left nothing open but deletes, of the index or of prune, that max_delete held back.
  [[nodiscard]] bool only_deletes_open() const noexcept { return this_run_.only_deletes_open; }
  // True if what is open waits only for other looks: at paths that could not be had, or that came with other
  // content.
  [[nodiscard]] bool only_looks_open() const;
  // True if all of it came with other content, which a second look with a fresh principal settles at once.
  [[nodiscard]] bool only_differing_open() const;
  // What is known to be missing, one line each, at most `limit`; nothing waits for it.
  [[nodiscard]] std::vector<std::string> known_missing_lines(std::size_t limit) const;
  // What is open, one line each, at most `limit`.
  [[nodiscard]] std::vector<std::string> missing_lines(std::size_t limit) const;
  // The principal as it was fetched last; nullptr if there is none yet.
  [[nodiscard]] const upstream::LevelFacts* principal() const noexcept { return chain_.principal(); }
  // When the upstream wrote it, as its file says; nothing if there is none yet.
  [[nodiscard]] std::optional<TimePoint> principal_written() const;
  [[nodiscard]] const state::MirrorState& state() const noexcept { return progress_.state(); }

 private:
  void begin(FailingPaths failing);
  [[nodiscard]] bool begins_anew() const;
  void adopt_what_is_here(const upstream::SourceSpec& source);
  void adopt_other_part();
  void hear_operator();
  [[nodiscard]] bool shows_nothing() const;
  // The levels that are being worked off, and what of them was set aside to come last.
  struct Work;
  WorkEnd work_off();
  WorkEnd work_off_levels(Work& work);
  WorkEnd work_off_level(Work& work, std::size_t i);
  std::optional<WorkEnd> bring_late(Work& work);
  [[nodiscard]] std::size_t open_until();
  [[nodiscard]] bool is_broken() const noexcept;
  void look_at_missing();
  [[nodiscard]] std::int64_t now_s() const;
  void show_complete_levels();
  void remove_deleted();
  void finish();
  [[nodiscard]] bool is_all_done();
  void prune_if_wanted(bool all);
  [[nodiscard]] state::Progress::Start start(const std::string& source) const;

  const MirrorOptions& options_;
  sys::Dir target_;
  Clock& clock_;
  HookPoints& hooks_;
  GuardedTransport transport_;
  MirrorReport report_;
  target::DeleteApproval approval_;
  target::Generations generations_;
  upstream::IndexCache cache_;
  target::TransferJournal journal_;
  state::Progress progress_;
  Publisher publisher_;
  upstream::Chain chain_;
  struct Guards {
    DeleteGuard deletes;
    MissingGuard missing;
  } guards_;
  Removal removal_;
  Fetcher fetcher_;
  Settler settler_;
  Pipeline pipeline_;
  struct ThisRun {
    bool only_deletes_open = false;
    FailingPaths failing = FailingPaths::let_rest;
  } this_run_;
};

}  // namespace recentd::mirror
