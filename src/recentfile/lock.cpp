#include "recentfile/lock.hpp"

#include <atomic>
#include <mutex>
#include <set>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "recentfile/lock_directory.hpp"
#include "sys/fault.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/dir.hpp"

namespace recentd {

namespace {

constexpr std::chrono::milliseconds k_pause(10);

// A root may be reached by several spellings, through links or not.
std::string key_of(const std::string& root, const std::string& level_file) {
  const auto facts = sys::stat_path(root);
  return facts ? cat(facts->device, ":", facts->inode, "/", level_file) : cat(root, "/", level_file);
}

// The locks that this process holds, by their keys; a lock with our pid that is not here is a dead process's.
class HeldLocks {
 public:
  void add(const std::string& key) {
    const std::lock_guard guard(mutex_);
    // A forked child inherits the set, not the locks.
    if (pid_ != sys::own_pid()) held_.clear();
    pid_ = sys::own_pid();
    held_.insert(key);
  }
  void remove(const std::string& key) {
    const std::lock_guard guard(mutex_);
    held_.erase(key);
  }
  bool has(const std::string& key) {
    const std::lock_guard guard(mutex_);
    return pid_ == sys::own_pid() && held_.count(key) > 0;
  }

 private:
  std::mutex mutex_;
  std::set<std::string> held_;
  int pid_ = 0;
};

HeldLocks& held_locks() {
  static HeldLocks held;
  return held;
}

std::int64_t age_s(const LockState& state, Clock& clock) {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count();
  return now - state.since_s;
}

bool is_dead(const LockState& state, const std::string& key, Clock& clock) {
  if (state.owner == sys::own_pid()) return !held_locks().has(key);
  return owner_is_gone(state, clock);
}

// A name of its own for each lock that is built or taken apart.
std::string spare_name(const std::string& root, const std::string& filenameroot) {
  static std::atomic<unsigned> counter{0};
  return cat(root, "/", link_name(filenameroot), ".lock.", sys::own_pid(), ".", ++counter);
}

[[noreturn]] void fail_locked(const std::string& directory, Clock& clock) {
  const std::optional<LockState> state = read_lock(directory);
  std::string who = "somebody until just now";
  if (state && state->owner) who = cat("process ", *state->owner, " for ", age_s(*state, clock), " s");
  if (state && !state->owner) who = cat("an unknown process for ", age_s(*state, clock), " s");
  throw Error(Kind::locked,
              cat(escaped(directory), " is held by ", who, "; try again, or wait longer with --locktimeout"),
              directory);
}

}  // namespace

SpareLocks::~SpareLocks() {
  if (pid_ != sys::own_pid()) return;
  for (const std::string& spare : ready_) remove_spare(spare);
}

std::string SpareLocks::take() {
  if (ready_.empty() || pid_ != sys::own_pid()) return {};
  std::string spare = std::move(ready_.back());
  ready_.pop_back();
  return spare;
}

void SpareLocks::put(std::string spare) {
  if (pid_ != sys::own_pid()) ready_.clear();
  pid_ = sys::own_pid();
  ready_.push_back(std::move(spare));
}

LevelLock::LevelLock(std::string directory, std::string key, std::string spare, SpareLocks* spares)
    : directory_(std::move(directory)),
      key_(std::move(key)),
      spare_(std::move(spare)),
      spares_(spares),
      pid_(sys::own_pid()) {}

LevelLock::LevelLock(LevelLock&& other) noexcept
    : directory_(std::exchange(other.directory_, {})),
      key_(std::move(other.key_)),
      spare_(std::move(other.spare_)),
      spares_(other.spares_),
      pid_(other.pid_) {}

LevelLock& LevelLock::operator=(LevelLock&& other) noexcept {
  if (this != &other) {
    release();
    directory_ = std::exchange(other.directory_, {});
    key_ = std::move(other.key_);
    spare_ = std::move(other.spare_);
    spares_ = other.spares_;
    pid_ = other.pid_;
  }
  return *this;
}

LevelLock::~LevelLock() {
  release();
}

void LevelLock::release() noexcept {
  if (directory_.empty() || pid_ != sys::own_pid()) return;
  const sys::FaultPause pause;
  if (park_lock(directory_, spare_, pid_)) {
    if (spares_ != nullptr)
      spares_->put(std::move(spare_));
    else
      remove_spare(spare_);
  }
  held_locks().remove(key_);
  directory_.clear();
}

LevelLock LevelLock::acquire(const std::string& root, const std::string& level_file,
                             const std::string& filenameroot, std::chrono::nanoseconds timeout, Clock& clock,
                             SpareLocks* spares) {
  const std::string directory = root + "/" + lock_name(level_file), key = key_of(root, level_file);
  std::string ready = spares != nullptr ? spares->take() : std::string();
  const std::string spare = ready.empty() ? spare_name(root, filenameroot) : ready;
  const std::chrono::nanoseconds start = clock.steady();
  for (;;) {
    std::optional<bool> got;
    if (!ready.empty()) got = reuse_lock(directory, spare);
    if (!got) {
      ready.clear();
      got = make_lock(directory, spare, sys::own_pid());
    }
    if (*got) {
      held_locks().add(key);
      return {directory, key, spare, spares};
    }
    const std::optional<LockState> state = read_lock(directory);
    if (state && is_dead(*state, key, clock) &&
        break_lock(directory, spare_name(root, filenameroot), *state)) {
      sweep_spares(root, filenameroot);
      continue;
    }
    const std::chrono::nanoseconds waited = clock.steady() - start;
    if (waited >= timeout || clock.stop().requested()) {
      if (!ready.empty()) spares->put(std::move(ready));
      fail_locked(directory, clock);
    }
    clock.sleep_for(std::min<std::chrono::nanoseconds>(k_pause, timeout - waited));
  }
}

sys::FileLock lock_root(const std::string& root, std::chrono::nanoseconds timeout, Clock& clock) {
  const auto facts = sys::stat_path(root);
  if (!facts || facts->type != sys::FileType::directory) {
    throw Error(Kind::missing, cat(escaped(root), " is no directory; name the tree's root"), root);
  }
  if (auto lock = sys::FileLock::acquire(root, timeout, clock)) return std::move(*lock);
  const int holder = sys::flock_holder(root);
  const std::string who = holder != 0 ? cat("process ", holder) : "another process";
  throw Error(Kind::locked,
              cat(escaped(root), " is held by ", who, "; try again, or wait longer with --locktimeout"),
              root);
}

}  // namespace recentd
