#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "mirror/deletes/removal.hpp"
#include "mirror/workshop.hpp"

namespace recentd::mirror {

// Brings one batch of events into the target: transfers, judges what arrived, journals deletes, and marks as
// done what is settled (SPEC 9.4; fixes 11.1 C3, C5, C15, C20, C21, C24). Its steps follow each other; only
// transfer() may run on another thread, beside those of other batches.
class Batch {
 public:
  // `known_newest`: the newest epoch that was worked off before this pass; a path named by a newer event has
  // changed for sure, so a file that rsync calls unchanged is compared by content. The rows of the steps must
  // outlive the batch.
  Batch(Workshop& workshop, Removal& removal, std::string_view interval, std::optional<Epoch> known_newest,
        std::vector<Step> steps)
      : shop_(workshop),
        removal_(removal),
        interval_(interval),
        known_newest_(std::move(known_newest)),
        steps_(std::move(steps)) {}

  // Settles what needs no transfer, files that are here as their events record them included; false if that
  // was all. What is to be transferred counts as pending until conclude() knows better.
  bool prepare();
  // Right before transfer(). `bytes_per_s`: limit for the transfer, 0 for none. Throws Error{io}.
  void begin(std::uint64_t bytes_per_s);
  // The network's part. `meanwhile` is called once, before it returns.
  void transfer(const std::function<void()>& meanwhile = {});
  // Instead of begin() and what follows: registers what prepare() settled, and hands back the other steps.
  std::vector<Step> abandon(Done& done);
  // Judges and registers what is settled in `done`. A broken connection is returned; what arrived before it
  // counts. Steps that a local directory is in the way of are appended to *blocked.
  std::optional<transport::Problem> conclude(Done& done, std::vector<Step>* blocked);

  // Files asked for, and how long their transfer took.
  [[nodiscard]] std::size_t files() const noexcept { return wanted_.size(); }
  [[nodiscard]] std::chrono::nanoseconds took() const noexcept { return took_; }
  // Whether the connection broke.
  [[nodiscard]] bool broken() const noexcept { return result_.problem.has_value(); }
  // Whether anything came over the network.
  [[nodiscard]] bool transferred() const noexcept { return transferred_; }

 private:
  struct Wanted {
    std::size_t step;
    RelPath path;
    bool existed;
    std::string_view digest = {};  // as recorded
    bool suspect = false;          // what is here may be wrong although size and time are right
    bool differs = false;          // what arrived is not what is recorded
  };
  void collect();
  [[nodiscard]] bool pays_apart() const;
  void fetch_apart();
  void take_over(transport::FetchResult again, const std::vector<std::size_t>& of);
  void settle_recorded();
  [[nodiscard]] bool may_be_as_recorded(const Step& step) const;
  void settle_unchanged(std::size_t i);
  void compare_again();
  void check_digests();
  bool settle_difference(const Wanted& wanted, const Step& step);
  void judge_all(std::vector<Step>* blocked);
  void judge(const Wanted& wanted, const Step& step, transport::Outcome outcome, const std::string& message);
  void forget_missing(std::string_view path);
  void judge_vanished(const Wanted& wanted, const Step& step, const std::string& message);
  void queue_delete(const Step& step);
  void settle_without_transfer(const Step& step);
  void register_done(Done& done);

  Workshop& shop_;
  Removal& removal_;
  std::string_view interval_;
  std::optional<Epoch> known_newest_;
  std::vector<Step> steps_;
  std::vector<bool> settled_;  // parallel to the steps
  std::vector<Wanted> wanted_;
  transport::FetchRequest request_;                    // its names parallel to what is wanted
  std::optional<target::TransferJournal::Note> note_;  // of a transfer that was begun
  transport::FetchResult result_;
  std::uint64_t connections_ = 0;
  std::chrono::nanoseconds took_{0};
  bool transferred_ = false;
};

}  // namespace recentd::mirror
