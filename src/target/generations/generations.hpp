#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror_options.hpp>
#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"
#include "target/generations/owed_changes.hpp"
#include "target/generations/publish_place.hpp"

namespace recentd::target {

// The sets that readers behind LINK see, each whole; recentd-mirror(7), WHOLE SETS. The target stays the tree
// that is worked in. Without a LINK, but with generations from before, it sees to it that nothing is written
// through them. The caller holds the target's lock. Not for use from two threads.
class Generations {
 public:
  // All must outlive it. Throws Error as PublishPlace.
  Generations(const MirrorOptions& options, const sys::Dir& target, const std::string& private_directory,
              Clock& clock, std::string boot_id);

  // These paths are about to change, by whatever that changes. Throws Error{io}.
  void about_to_change(const std::vector<std::string>& paths) const { owed_.note(paths); }
  void about_to_change(std::string_view path) const { owed_.note(path); }
  // Modes of anything may change.
  void about_to_change_all() const { owed_.note_all(); }
  // Whether files of the target may be files of a generation, too, so that they must not be changed in place.
  [[nodiscard]] bool share_files() const noexcept { return shares_; }
  // Makes a file that a generation has, too, one of the target alone. Safe from any thread.
  void make_own(const RelPath& path) const;

  // The target holds a whole set: shows it, if it is another one than what LINK leads to and the generation
  // that is not shown has no readers. True if LINK was switched. Throws Error{io}: then LINK leads to the set
  // before, and the next call goes on.
  bool publish(const Bookkeeping& bookkeeping);

 private:
  [[nodiscard]] bool owes_nothing(Generation generation) const;
  bool may_bring_up(Generation idle, bool shown);
  void bring_up(Generation idle, const Bookkeeping& bookkeeping) const;
  void tell_waiting(std::string_view why);
  [[nodiscard]] std::optional<std::int64_t> left_s() const;
  void note_left() const;

  const PublishOptions& options_;
  Fsync fsync_;
  const sys::Dir& target_;
  Clock& clock_;
  OwedChanges owed_;
  std::optional<PublishPlace> place_;
  bool shares_ = false;
  bool told_ = false;  // that readers are waited for
};

}  // namespace recentd::target
