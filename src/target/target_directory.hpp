#pragma once

#include <optional>
#include <string>
#include <vector>

#include <recentd/mirror_options.hpp>

#include "sys/tree/dir.hpp"
#include "target/place.hpp"
#include "target/target_lock.hpp"
#include "transport/address.hpp"

namespace recentd::target {

// The places a mirror works in: the target, its private directory, and the lock that keeps a second process
// out. Made on construction; if no state was ever saved there, and nothing is noted of transfers, the
// destructor takes away again what it made, so that a mirror that could not even start leaves nothing behind.
class TargetDirectory {
 public:
  // Throws Error: missing (no target and no parent, or target_must_exist), refused (as admit_target(); target
  // equal to, inside or around a local source; tempdir on another file system), locked (naming the holder),
  // io.
  TargetDirectory(const MirrorOptions& options, const std::vector<transport::Address>& sources, Clock& clock);
  ~TargetDirectory();
  TargetDirectory(const TargetDirectory&) = delete;
  TargetDirectory& operator=(const TargetDirectory&) = delete;

  [[nodiscard]] const std::string& target() const noexcept { return target_; }
  [[nodiscard]] const std::string& private_directory() const noexcept { return private_; }
  [[nodiscard]] const std::string& index_directory() const noexcept { return index_; }
  // Whose the target was when this was made.
  [[nodiscard]] Tenant tenant() const noexcept { return admission_.tenant; }
  // Inherited by rsync, so that the lock outlives us until the last writer is gone.
  [[nodiscard]] int lock_fd() const noexcept { return lock_->fd(); }

  // Whether somebody put another directory in the target's place, made a link on the way lead elsewhere, or
  // took the private directory away, so that a mirror has to begin there as a new process would. Not so for a
  // bare directory of another file system: that is where ours was mounted. Nor for what cannot be looked at.
  [[nodiscard]] bool replaced() const;
  // Throws Error{io} if the target is not there now, or is replaced(). May be called from several threads.
  void demand_same() const;

 private:
  enum class Standing { same, replaced, away };
  [[nodiscard]] Standing standing() const;
  void open_target(const MirrorOptions& options);
  void check_source(const transport::Address& source, bool around_it_too) const;
  void open_tempdir(const MirrorOptions& options);
  void take_away();

  std::string wanted_;  // as the operator gave it: a link in it may lead elsewhere one day
  std::string target_, private_, index_;
  sys::FileFacts target_facts_;
  Admission admission_;
  bool made_target_ = false, made_private_ = false, made_index_ = false;
  std::optional<TargetLock> lock_;
};

}  // namespace recentd::target
