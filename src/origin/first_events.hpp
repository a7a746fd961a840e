#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <recentd/clock.hpp>

#include "model/event_list.hpp"
#include "origin/details.hpp"
#include "origin/walk.hpp"
#include "recentfile/shared_levels.hpp"

namespace recentd {

// The events of a tree that had no index: each file `new` at its mtime, clipped to [1, now]; files of one
// second evenly spaced within it with as few digits as that takes, never more than 6; newest first, strictly
// descending. What does not fit into its second spills into the next ones, or, at the present, into those
// before. They are made while they are read, and take no memory but the files'.
// Not safe for use from several threads; cursors may live side by side.
class FirstEvents : public EventSource {
 public:
  // The files in the order of ComesBefore.
  FirstEvents(TreeFiles files, TimePoint now);

  [[nodiscard]] std::size_t size() const noexcept override { return files_.rows.size(); }
  // How many events, from the newest on, a level of that many seconds begins with.
  [[nodiscard]] std::size_t within(std::int64_t interval_s) const;
  [[nodiscard]] Epoch epoch_of(std::size_t place) const override;
  [[nodiscard]] std::unique_ptr<EventCursor> from(std::size_t place) const override;
  // What the events have beside, by their places; must outlive this.
  void set_details(const DetailsTable& details) noexcept { details_ = &details; }
  [[nodiscard]] const TreeFiles& files() const noexcept { return files_; }
  // The newest event becomes one of now, which is not before it.
  void renew_newest();

  // The times of the files of one second, ready for use.
  struct Spread {
    std::size_t end = 0;  // place behind the oldest
    std::int64_t n = 1, from = 0, unit = 1, step = 0, rest = 0;
    [[nodiscard]] std::int64_t time_of(std::size_t place) const noexcept;
  };

  // Reads the events from the newest on.
  class Cursor : public EventCursor {
   public:
    explicit Cursor(const FirstEvents& events, std::size_t place = 0);
    const EventRow* next() override;
    [[nodiscard]] const EventDetails* details() const noexcept override { return &details_; }

   private:
    const FirstEvents& events_;
    std::size_t place_, group_ = 0;
    Spread spread_;
    char text_[32];
    EventRow row_{};
    EventDetails details_;
  };

 private:
  // The files whose mtimes are within one second, and the times that their events may have, in microseconds:
  // `cells` multiples of `unit` from `from` on, spread over the files.
  struct Group {
    std::size_t begin;  // place of the newest
    std::int64_t from, cells, unit;
  };
  [[nodiscard]] bool begins_group(std::size_t place) const noexcept;
  void find_room();
  [[nodiscard]] std::int64_t second_of(const TreeFile& file) const noexcept;
  [[nodiscard]] std::size_t group_of(std::size_t place) const noexcept;
  [[nodiscard]] std::size_t end_of(std::size_t group) const noexcept;
  [[nodiscard]] std::int64_t time_of(std::size_t group, std::size_t place) const noexcept;
  [[nodiscard]] Spread spread_of(std::size_t group) const noexcept;

  TreeFiles files_;
  std::int64_t now_us_, last_second_;
  std::vector<Group> groups_;  // newest first
  bool renewed_ = false;
  const DetailsTable* details_ = nullptr;
};

}  // namespace recentd
