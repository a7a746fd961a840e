#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "recentfile/merge_rows.hpp"
#include "recentfile/order.hpp"

namespace recentd {

// Hands rows on one group of equal epochs late, so that ties can be spaced. Rows and details have to live
// until finish().
class Spacer {
 public:
  explicit Spacer(const Emit& emit) : emit_(emit) {}

  void push(const EventRow& row, const EventDetails* details) {
    if (holding_ && held_.key == row.key && held_.epoch() == row.epoch()) {
      group_.push_back(held_);
      details_.push_back(held_details_);
    } else if (holding_) {
      release();
    }
    held_ = row;
    held_details_ = details;
    holding_ = true;
  }

  Woven finish() {
    if (holding_) release();
    if (last_) woven_.oldest = Epoch(*last_);
    return std::move(woven_);
  }

 private:
  void release() {
    if (!group_.empty()) release_group();
    emit(held_, held_details_);
  }

  // The rows of the held one's epoch that came before it.
  void release_group() {
    group_.push_back(held_);
    space_group(group_, last_, texts_);
    group_.pop_back();
    for (std::size_t i = 0; i < group_.size(); ++i) emit(group_[i], details_[i]);
    group_.clear();
    details_.clear();
  }

  void emit(const EventRow& row, const EventDetails* details) {
    if (!woven_.newest) woven_.newest = Epoch(row.epoch());
    emit_(row, details);
    ++woven_.rows;
    last_ = row.epoch();
  }

  const Emit& emit_;
  EventList texts_;
  EventRow held_{};
  const EventDetails* held_details_ = nullptr;
  bool holding_ = false;
  std::vector<EventRow> group_;
  std::vector<const EventDetails*> details_;
  std::optional<EpochView> last_;
  Woven woven_;
};

}  // namespace recentd
