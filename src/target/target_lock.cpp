#include "target/target_lock.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "base/utc.hpp"
#include "sys/file/atomic_file.hpp"
#include "sys/file/bytes.hpp"
#include "sys/process/heirs.hpp"
#include "sys/process/identity.hpp"

namespace recentd::target {
namespace {

// How long a lock may outlive its holder: until the rsync that inherited it has noticed, or was ended.
constexpr std::chrono::seconds k_orphan_patience(30);
constexpr std::chrono::seconds k_tidy_patience(5), k_hard_patience(10);
// The same where the holder is this process: a mirror that was just taken down by another thread.
constexpr std::chrono::seconds k_own_patience(5);

struct Holder {
  int pid = 0;
  std::int64_t since_s = 0;
};

Holder read_holder(const std::string& path) {
  Holder holder;
  try {
    const auto bytes = sys::read_file(path);
    const auto words = split(bytes->view().substr(0, bytes->view().find('\n')), ' ');
    holder.pid = static_cast<int>(parse_unsigned(words[0]).value_or(0));
    if (words.size() > 1) holder.since_s = static_cast<std::int64_t>(parse_unsigned(words[1]).value_or(0));
  } catch (const Error&) {
    // Not written yet: the holder took the lock a moment ago.
  }
  return holder;
}

// How long to wait for that holder to let go.
std::chrono::seconds patience_with(int pid) {
  if (pid == sys::own_pid()) return k_own_patience;
  return pid > 0 && sys::process_exists(pid) ? std::chrono::seconds(0) : k_orphan_patience;
}

// The words it was started with; they are not stored with the lock, where they would lie about for good.
std::string command_of(int pid) {
  constexpr std::size_t k_shown = 200;
  std::string words;
  try {
    words = std::string(sys::read_file(cat("/proc/", pid, "/cmdline"))->view());
  } catch (const Error&) {
    return {};
  }
  while (!words.empty() && words.back() == '\0') words.pop_back();
  std::replace(words.begin(), words.end(), '\0', ' ');
  if (words.size() > k_shown) words = words.substr(0, k_shown) + "...";
  return words.empty() ? std::string() : cat(" (", escaped(words), ")");
}

constexpr auto k_look_each = std::chrono::milliseconds(100);
constexpr auto k_wait_untold = std::chrono::seconds(5);

std::string turn_of(const std::string& directory) {
  return directory + "/turn";
}

std::int64_t seconds(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// Ends the rsyncs that a dead mirror left, first with the time to clean up. The kernel tells rsync's first
// process that its parent died, and that one tells the second; but not if it hears of it right behind their
// fork.
class Orphans {
 public:
  explicit Orphans(std::string lock) : lock_(std::move(lock)) {}

  void end_as_due(std::chrono::nanoseconds waited) {
    constexpr std::array<std::pair<std::chrono::seconds, sys::Ending>, 2> k_steps = {
        {{k_tidy_patience, sys::Ending::tidy}, {k_hard_patience, sys::Ending::at_once}}};
    if (step_ == k_steps.size() || waited < k_steps[step_].first) return;
    for (const int pid : sys::heirs_of(lock_, "rsync")) sys::end_process(pid, k_steps[step_].second);
    ++step_;
  }

 private:
  std::string lock_;
  std::size_t step_ = 0;
};

[[noreturn]] void fail_locked(const std::string& target, const Holder& holder, Clock& clock) {
  throw Error(
      Kind::locked,
      cat("target ", quoted(target), " is being mirrored by process ", holder.pid, command_of(holder.pid),
          " since ", utc_text(Utc(std::chrono::seconds(holder.since_s))).substr(0, 19), "Z, for ",
          std::max<std::int64_t>(0, seconds(clock.now()) - holder.since_s),
          " s; one process at a time works on a target: wait, or end it"),
      target);
}

sys::FileLock take(const std::string& target, const std::string& directory, Clock& clock) {
  const auto start = clock.steady();
  Orphans orphans(directory + "/lock");
  for (;;) {
    if (auto lock = sys::FileLock::try_acquire(directory + "/lock")) return std::move(*lock);
    const Holder holder = read_holder(directory + "/holder");
    const auto waited = clock.steady() - start;
    const auto patience = patience_with(holder.pid);
    if (patience == k_orphan_patience) orphans.end_as_due(waited);
    if (waited >= patience || clock.stop().requested()) fail_locked(target, holder, clock);
    clock.sleep_for(std::chrono::milliseconds(50));
  }
}

void note_holder(const std::string& directory, Clock& clock) {
  const auto note = directory + "/holder";
  sys::AtomicFile holder(note, note + ".new", Fsync::none);
  holder.write(cat(sys::own_pid(), " ", seconds(clock.now()), "\n"));
  holder.commit();
}

}  // namespace

TargetLock::TargetLock(const std::string& target, const std::string& private_directory, Clock& clock)
    : lock_(take(target, private_directory, clock)) {
  note_holder(private_directory, clock);
}

std::optional<Turn> Turn::take(const std::string& private_directory, Clock& clock,
                               const std::function<void(int holder)>& on_wait) {
  const auto start = clock.steady();
  for (bool told = false;;) {
    if (clock.stop().requested()) return std::nullopt;
    try {
      if (auto lock = sys::FileLock::try_acquire(turn_of(private_directory))) return Turn(std::move(lock));
    } catch (const Error&) {
      return Turn(std::nullopt);
    }
    if (!told && clock.steady() - start >= k_wait_untold) {
      told = true;
      if (on_wait) on_wait(sys::flock_holder(turn_of(private_directory)));
    }
    clock.sleep_for(k_look_each);
  }
}

TargetPause::TargetPause(const std::string& target, const std::string& private_directory,
                         std::chrono::nanoseconds timeout, Clock& clock) {
  const auto start = clock.steady();
  for (;;) {
    owner_ = sys::FileLock::try_acquire(private_directory + "/lock");
    const Holder holder = read_holder(private_directory + "/holder");
    // Behind a dead one its rsync may still write.
    const bool free = owner_ || (holder.pid > 0 && sys::process_exists(holder.pid));
    if (free) turn_ = sys::FileLock::try_acquire(turn_of(private_directory));
    if (turn_) break;
    owner_.reset();
    if (clock.steady() - start >= timeout || clock.stop().requested()) fail_locked(target, holder, clock);
    clock.sleep_for(k_look_each);
  }
  if (owner_) note_holder(private_directory, clock);
}

void TargetPause::hand_down() const {
  if (owner_) owner_->hand_down();
  turn_->hand_down();
}

std::optional<int> process_at_work(const std::string& private_directory) {
  const auto pid = read_holder(private_directory + "/holder").pid;
  return pid > 0 && sys::process_exists(pid) ? std::optional(pid) : std::nullopt;
}

}  // namespace recentd::target
