#pragma once

#include <functional>
#include <optional>
#include <string>

#include "state/mirror_state.hpp"
#include "sys/file/atomic_file.hpp"

namespace recentd::state {

// Keeps a mirror's state in its private directory: `state`, the generation before it as `state.old`, and for
// a moment `state.new`. Written atomically, so a crash leaves one of them whole. The caller holds the
// directory's lock.
class StateStore {
 public:
  // `demand_same` is called before anything is written; throws Error{io} if the directory is another one now.
  StateStore(std::string directory, Fsync fsync, std::function<void()> demand_same = {});

  // The newest state that is whole, in the order current, temporary, previous; nothing if there is none.
  // *remark tells of each damaged file that was passed over, and what was taken instead. Throws
  // Error{corrupt} for a state of a newer format, naming both ways out, and leaves it untouched.
  std::optional<MirrorState> load(std::string* remark = nullptr) const;
  // Whether anything was saved ever.
  [[nodiscard]] bool exists() const;
  // The one before stays as `state.old`, unless it is damaged: then that one stays which is there. Throws
  // Error{io}.
  void save(const MirrorState& state);

 private:
  [[nodiscard]] std::string path(const char* name) const { return directory_ + "/" + name; }
  void find_current();
  std::string directory_;
  Fsync fsync_;
  std::function<void()> demand_same_;
  bool current_is_whole_ = false;  // this store has written it, or has looked
};

}  // namespace recentd::state
