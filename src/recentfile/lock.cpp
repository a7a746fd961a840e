#include "recentfile/lock.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "recentfile/lock_directory.hpp"
#include "sys/fault.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/dir.hpp"

namespace recentd {

namespace {

constexpr std::chrono::milliseconds k_pause(10);
// The reference's writers sleep for a second between finding a lock dead and taking it, without a second
// look.
constexpr std::chrono::milliseconds k_others_first(1500);

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
    held_.insert_or_assign(key, std::this_thread::get_id());
  }
  void remove(const std::string& key) {
    const std::lock_guard guard(mutex_);
    held_.erase(key);
  }
  bool has(const std::string& key) {
    const std::lock_guard guard(mutex_);
    return pid_ == sys::own_pid() && held_.count(key) > 0;
  }

  // Who waits for itself waits in vain.
  bool this_thread_has(const std::string& prefix) {
    const std::lock_guard guard(mutex_);
    if (pid_ != sys::own_pid()) return false;
    for (auto at = held_.lower_bound(prefix); at != held_.end() && at->first.starts_with(prefix); ++at)
      if (at->second == std::this_thread::get_id()) return true;
    return false;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::thread::id> held_;  // and which thread took it
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

// Since when a lock is known to be dead. Who breaks it at once meets the reference's writer that saw it, too.
class DeadSince {
 public:
  explicit DeadSince(std::chrono::nanoseconds patience) : patience_(patience) {}
  bool long_enough(const LockState& state, std::chrono::nanoseconds now) {
    const int owner = state.owner.value_or(-1);
    if (!seen_ || inode_ != state.inode || owner_ != owner) since_ = now;
    seen_ = true;
    inode_ = state.inode;
    owner_ = owner;
    return now - since_ >= patience_;
  }

 private:
  std::chrono::nanoseconds patience_, since_{0};
  bool seen_ = false;
  std::uint64_t inode_ = 0;
  int owner_ = -1;  // -1: it names none
};

// A name of its own for each lock that is built or taken apart.
std::string spare_name(const std::string& root, const std::string& filenameroot) {
  static std::atomic<unsigned> counter{0};
  return cat(root, "/", link_name(filenameroot), ".lock.", sys::own_pid(), ".", ++counter);
}

[[noreturn]] void fail_locked(const std::string& directory, Clock& clock) {
  const std::optional<LockState> state = read_lock(directory);
  std::string who = "somebody until just now";
  if (state && state->owner) who = cat("process ", *state->owner, " for ", age_s(*state, clock), " s");
  if (state && !state->owner)
    who = cat(state->leased ? "a command" : "an unknown process", " for ", age_s(*state, clock), " s");
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

LevelLock::LevelLock(std::string directory, std::string key, std::string spare, SpareLocks* spares,
                     std::optional<sys::LeasedFile> lease)
    : directory_(std::move(directory)),
      key_(std::move(key)),
      spare_(std::move(spare)),
      spares_(spares),
      pid_(sys::own_pid()),
      lease_(std::move(lease)) {}

LevelLock::LevelLock(LevelLock&& other) noexcept
    : directory_(std::exchange(other.directory_, {})),
      key_(std::move(other.key_)),
      spare_(std::move(other.spare_)),
      spares_(other.spares_),
      pid_(other.pid_),
      lease_(std::exchange(other.lease_, {})) {}

LevelLock& LevelLock::operator=(LevelLock&& other) noexcept {
  if (this != &other) {
    release();
    directory_ = std::exchange(other.directory_, {});
    key_ = std::move(other.key_);
    spare_ = std::move(other.spare_);
    spares_ = other.spares_;
    pid_ = other.pid_;
    lease_ = std::exchange(other.lease_, {});
  }
  return *this;
}

LevelLock::~LevelLock() {
  release();
}

void LevelLock::release() noexcept {
  if (directory_.empty() || pid_ != sys::own_pid()) return;
  const sys::FaultPause pause;
  if (lease_) {
    give_back(directory_, spare_, pid_, *lease_);
  } else if (park_lock(directory_, spare_, pid_)) {
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
  DeadSince dead(std::min<std::chrono::nanoseconds>(timeout, k_others_first));
  for (;;) {
    std::optional<bool> got;
    if (!ready.empty()) got = reuse_lock(directory, spare);
    std::optional<sys::LeasedFile> lease;
    if (!got) {
      ready.clear();
      got = make_lock(directory, spare, sys::own_pid(), lease);
    }
    if (*got) {
      held_locks().add(key);
      return {directory, key, spare, spares, std::move(lease)};
    }
    const std::optional<LockState> state = read_lock(directory);
    if (state && is_dead(*state, key, clock) && dead.long_enough(*state, clock.steady()) &&
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

bool this_thread_holds(const std::string& root, const std::string& level_file) {
  return held_locks().this_thread_has(key_of(root, level_file));
}

namespace {

// Whoever may read a directory may lock it for the kernel; who may not write it is no writer that we would
// have to wait for. The locks of the levels are only for who may.
bool is_stranger(int pid, const std::string& root) {
  const auto user = pid > 0 ? sys::user_of_process(pid) : std::nullopt;
  const auto facts = sys::stat_path(root);
  if (!user || !facts || *user == 0 || *user == facts->owner) return false;
  constexpr unsigned k_others_write = 022;
  return (facts->mode & k_others_write) == 0;
}

}  // namespace

sys::FileLock lock_root(const std::string& root, std::chrono::nanoseconds timeout, Clock& clock) {
  const auto facts = sys::stat_path(root);
  if (!facts || facts->type != sys::FileType::directory) {
    throw Error(Kind::missing, cat(escaped(root), " is no directory; name the tree's root"), root);
  }
  if (held_locks().this_thread_has(key_of(root, "")))
    throw Error(
        Kind::locked,
        cat(escaped(root), " is held by another object of this program, in the same thread; unlock it first"),
        root);
  if (auto lock = sys::FileLock::acquire(root, {}, clock)) return std::move(*lock);
  const auto in_vain = [&] { return is_stranger(sys::flock_holder(root), root); };
  if (in_vain()) return sys::FileLock::without(root);
  if (auto lock = sys::FileLock::acquire(root, timeout, clock)) return std::move(*lock);
  if (in_vain()) return sys::FileLock::without(root);
  const int holder = sys::flock_holder(root);
  const std::string who = holder != 0 ? cat("process ", holder) : "another process";
  throw Error(Kind::locked,
              cat(escaped(root), " is held by ", who, "; try again, or wait longer with --locktimeout"),
              root);
}

}  // namespace recentd
