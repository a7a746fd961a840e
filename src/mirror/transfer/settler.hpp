#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/mirror_report.hpp>
#include <recentd/observer.hpp>

#include "base/log_throttle.hpp"
#include "mirror/hook_points.hpp"
#include "mirror/transfer/batch.hpp"
#include "state/progress.hpp"
#include "sys/tree/dir.hpp"
#include "target/inner_trees.hpp"

namespace recentd::mirror {

// Says what becomes of each path of a batch, before and after its transfer; recentd-mirror(7), WHAT BECOMES
// OF A PATH. The one place where an event leads to what the mirror knows, reports and tells.
class Settler {
 public:
  // Carries out queued deletes below a directory that stands where a file is due.
  // With `strays` everything else below it goes, too.
  using ClearWay = std::function<void(const RelPath& path, bool strays)>;

  // All must outlive it.
  Settler(const MirrorOptions& options, const sys::Dir& target, const Bookkeeping& bookkeeping,
          const target::TransferJournal& journal, state::Progress& progress, ClearWay clear_way,
          HookPoints& hooks, Observer& observer, Clock& clock, MirrorReport& report);

  // Settles what needs no transfer, files that are here as their events record them included; false if that
  // was all. What is to be transferred counts as pending until judge() knows better.
  bool prepare(Batch& batch);
  // Instead of a transfer: it is not asked for after all.
  void give_up(const Batch& batch);
  // After the transfer. Steps that a local directory is in the way of are appended to *blocked if given;
  // without it they count as failed.
  void judge(Batch& batch, std::vector<Step>* blocked);
  // A pass is over: tells how many more of each kind there were than were named.
  void tell_the_rest();

 private:
  [[nodiscard]] bool may_be_as_recorded(const Step& step) const;
  void settle_as_recorded(Batch& batch);
  void settle_without_transfer(const Batch& batch, const Step& step);
  void queue_delete(const Batch& batch, const EventRow& row);
  void tell_link(const std::string& link);
  void hold(Batch& batch, std::size_t item, RelPath path, const std::string& link);
  void collect(Batch& batch);
  bool leave_to_inner_tree(BatchItem& item);
  void judge_held(BatchItem& item);
  [[nodiscard]] bool is_suspect(std::string_view path) const;
  void judge_one(Batch& batch, BatchItem& item, bool tried_again);
  void tell_arrival(std::string_view path);
  void note_no_room(Batch& batch, BatchItem& item);
  void judge_arrived(Batch& batch, BatchItem& item);
  void judge_vanished(BatchItem& item);
  void judge_missed(BatchItem& item, state::Why why, std::string reason);
  void judge_skipped(Batch& batch, BatchItem& item);
  [[nodiscard]] bool is_outdated(const BatchItem& item) const;
  // False if it is to be fetched once more.
  bool is_content_right(const BatchItem& item);
  void note_breaker(Batch& batch);

  const MirrorOptions& options_;
  const sys::Dir& target_;
  const Bookkeeping& bookkeeping_;
  const target::TransferJournal& journal_;
  state::Progress& progress_;
  ClearWay clear_way_;
  HookPoints& hooks_;
  Observer& observer_;
  Clock& clock_;
  MirrorReport& report_;
  std::set<std::string> told_links_;  // those that hold something back
  target::InnerTrees inner_;          // as they are while a batch is made ready
  FirstFew first_few_;                // of what an upstream can make come by the million
};

}  // namespace recentd::mirror
