#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include <recentd/watch.hpp>

#include "base/log_throttle.hpp"
#include "tree/tree.hpp"
#include "watch/decision.hpp"
#include "watch/held_deletes.hpp"
#include "watch/look.hpp"
#include "watch/pending.hpp"
#include "watch/pump.hpp"
#include "watch/rules.hpp"
#include "watch/source.hpp"

namespace recentd::watch {

// One tree as it is being watched: from the first comparison on, until its root is another directory. Not for
// use from two threads.
class Watcher {
 public:
  // Compares disk and index and writes what differs. `since`: up to when the index told all that happened.
  // `mounts`: file systems that were mounted below the root before. Throws Error.
  Watcher(const std::string& tree, const WatchOptions& options, const WriterOptions& writer, Clock& clock,
          WatchObserver& observer, const std::optional<TimePoint>& since, const KeptMounts& mounts);

  // Readable when there are hints to collect().
  [[nodiscard]] int fd() const noexcept { return pump_->fd(); }
  // As many as there is room for.
  void collect();
  // Whether the last collect() left none.
  [[nodiscard]] bool caught_up() const noexcept { return caught_up_; }
  [[nodiscard]] const Pending& pending() const noexcept { return pending_; }
  // Looks at all that is pending and writes what was found. Throws Error; all is pending again then.
  void work_off();
  // What has to be done now and then: aggregates, looks at what cannot be watched, tries again what was held
  // back. Throws Error.
  void tend();

  // File systems below the root, to be kept; those that an operator says are gone for good.
  [[nodiscard]] const KeptMounts& mounts() const { return look_->mounts().kept(); }
  void accept_unmounted(const std::set<std::string>& paths);

  // Whether another method would do better, now that file systems are mounted that one mark does not reach.
  [[nodiscard]] bool outgrown() const;

  [[nodiscard]] std::string_view method() const noexcept { return source_->name(); }
  [[nodiscard]] const std::string& root() const noexcept { return layout_.root; }
  // Throws Error{io} if the root is not the directory any more that is watched.
  void check_root() const;
  [[nodiscard]] bool root_is_another() const;
  // Whether the index told everything when the last round ended.
  [[nodiscard]] bool complete() const {
    return caught_up_ && held_.count() == 0 && gaps().empty() && look_->mounts().absent().empty();
  }

 private:
  void choose_source(const KeptMounts& mounts);
  void make_look(const KeptMounts& mounts);
  void check_mounts();
  void compare_part(const std::set<std::string>& directories);
  void compare_all(const std::optional<TimePoint>& since, const DeleteLimit& limit);
  void tell_left_out() const;
  void tell_links();
  void tell_held(const Look::Comparison& result);
  void tell_gaps();
  void tell_mounts();
  [[nodiscard]] std::string more_watches() const;
  void look();
  void remark_on(const std::deque<Finding>& findings);
  bool may_tell(std::deque<Finding>& findings, std::uint64_t more_deletes);
  [[nodiscard]] Findings::MayTell within_limit(const DeleteLimit& limit);
  void write(std::deque<Finding>& findings);
  void look_into_gaps();
  [[nodiscard]] std::set<std::string> gaps() const;
  void warn(const std::string& text) const;

  std::string tree_;
  const WatchOptions& options_;
  Clock& clock_;
  WatchObserver& observer_;
  TreeLayout layout_;
  WriterOptions writer_;
  sys::Dir root_;
  Rules rules_;
  Known known_;
  std::unique_ptr<Source> source_;
  std::unique_ptr<Look> look_;
  std::unique_ptr<Pump> pump_;
  Pending pending_;
  HeldDeletes held_;
  bool caught_up_ = true;
  bool in_round_ = false;  // what is found has come to pass while we watched
  struct {
    ReminderThrottle gaps, mounts, unfit, links;
  } seldom_;
};

}  // namespace recentd::watch
