#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "mirror/removal.hpp"
#include "mirror/workshop.hpp"

namespace recentd::mirror {

// Brings one batch of events into the target: transfers, judges what arrived, journals deletes, and marks as
// done what is settled (SPEC 9.4; fixes 11.1 C3, C5, C15, C20, C21, C24).
class Batch {
 public:
  // `known_newest`: the newest epoch that was worked off before this pass; a path named by a newer event has
  // changed for sure, so a file that rsync calls unchanged is compared by content.
  Batch(Workshop& workshop, Removal& removal, std::string_view interval, std::optional<Epoch> known_newest)
      : shop_(workshop), removal_(removal), interval_(interval), known_newest_(std::move(known_newest)) {}

  // Works on the steps and registers the settled ones in `done`. A broken connection is returned; what
  // arrived before it counts. Steps that a local directory is in the way of are appended to *blocked.
  std::optional<transport::Problem> run(const std::vector<Step>& steps, Done& done,
                                        std::vector<Step>* blocked);
  // Whether the last run brought anything over the network.
  [[nodiscard]] bool transferred() const noexcept { return transferred_; }

 private:
  struct Wanted {
    std::size_t step;
    RelPath path;
    bool existed;
  };
  void collect(const std::vector<Step>& steps);
  std::optional<transport::Problem> fetch(const std::vector<Step>& steps, std::vector<Step>* blocked);
  void compare_again(const std::vector<Step>& steps, transport::FetchResult& result);
  void judge(const Wanted& wanted, const Step& step, transport::Outcome outcome, const std::string& message);
  void judge_vanished(const Wanted& wanted, const Step& step, const std::string& message);
  void queue_delete(const Step& step);
  void settle_without_transfer(const Step& step);
  void register_done(const std::vector<Step>& steps, Done& done);

  Workshop& shop_;
  Removal& removal_;
  std::string_view interval_;
  std::optional<Epoch> known_newest_;
  std::vector<Wanted> wanted_;
  std::vector<bool> settled_;  // parallel to the steps
  bool transferred_ = false;
};

}  // namespace recentd::mirror
