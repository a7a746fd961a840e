#include "recentfile/lock_directory.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <limits>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "recentfile/names.hpp"
#include "sys/fault.hpp"
#include "sys/file/file_lock.hpp"
#include "sys/process/identity.hpp"
#include "sys/tree/attempts.hpp"
#include "sys/tree/dir.hpp"

namespace recentd {

namespace {

// How long a lock may be without an owner, and how far clocks may be apart.
constexpr std::int64_t k_patience_s = 60;

std::string process_file(const std::string& directory) {
  return directory + "/process";
}

[[noreturn]] void fail(const std::string& doing, const std::string& path, int errno_value) {
  throw Error(errno_value == ENOENT ? Kind::missing : Kind::io, cat("cannot ", doing, " ", escaped(path)),
              path, errno_value);
}

std::optional<int> parse_owner(std::string_view text) {
  const std::optional<std::uint64_t> pid = parse_unsigned(trimmed(text.substr(0, text.find('\n'))));
  if (!pid || *pid == 0 || *pid > std::numeric_limits<int>::max()) return std::nullopt;
  return static_cast<int>(*pid);
}

std::atomic<bool> owners_are_leased{false};

struct Owner {
  std::optional<int> pid;
  std::optional<std::uint64_t> started;
};

// In several lines the second one is the owner's, and the third says when it began.
Owner parse_process(std::string_view text) {
  const auto lines = split(text, '\n');
  if (lines.size() < 2 || lines[1].empty()) return {parse_owner(text), {}};
  return {parse_owner(lines[1]), lines.size() > 2 ? parse_unsigned(lines[2]) : std::nullopt};
}

// The first line is what the reference's writers read.
std::string process_text(int pid) {
  const std::string own = cat(pid, "\n", pid, "\n");
  const auto started = sys::process_start(pid);
  return started ? cat(own, *started, "\n") : own;
}

Owner read_process(const std::string& directory) {
  std::array<char, 64> buffer;
  return parse_process({buffer.data(), sys::read_start(process_file(directory), buffer)});
}

std::optional<int> read_owner(const std::string& directory) {
  return read_process(directory).pid;
}

// Writes the process file and nothing else; 0 or the errno.
int write_owner(const std::string& directory, int pid) {
  return sys::try_write_file(process_file(directory), process_text(pid));
}

void remove_directory(const std::string& directory) {
  sys::try_unlink(process_file(directory));
  sys::try_rmdir(directory);
}

bool means_taken(int errno_value) {
  return errno_value == EEXIST || errno_value == ENOTEMPTY;
}

void lease_owner(const std::string& directory, std::optional<sys::LeasedFile>& lease) {
  if (owners_are_leased) lease = sys::LeasedFile::take(process_file(directory));
}

// For file systems that cannot rename without replacing.
bool make_in_place(const std::string& directory, int pid, std::optional<sys::LeasedFile>& lease) {
  const int refusal = sys::try_make_directory(directory, 0777);
  if (refusal == EEXIST) return false;
  if (refusal != 0) fail("create", directory, refusal);
  const int failure = write_owner(directory, pid);
  if (failure == 0) lease_owner(directory, lease);
  if (failure == 0) return true;
  remove_directory(directory);
  fail("write", process_file(directory), failure);
}

}  // namespace

void lease_lock_owners(bool wanted) noexcept {
  owners_are_leased = wanted;
}

std::optional<LockState> read_lock(const std::string& directory) {
  const auto facts = sys::lstat_path(directory);
  if (!facts) return std::nullopt;
  const Owner owner = read_process(directory);
  const bool leased = !owner.pid && sys::is_leased(process_file(directory));
  return LockState{owner.pid, facts->mtime_s, facts->inode, owner.started, leased};
}

bool owner_is_gone(const LockState& state, Clock& clock) {
  const auto now = std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count();
  const std::int64_t age = now - state.since_s;
  if (state.leased) return false;
  // One from the future was made before a clock was set back, and would never grow old.
  if (!state.owner) return age >= k_patience_s || age <= -k_patience_s;
  if (!sys::process_exists(*state.owner)) return true;
  if (state.started) {
    const auto start = sys::process_start(*state.owner);
    return start && *start != *state.started;
  }
  const auto owner_age = sys::process_age_s(*state.owner);
  return owner_age && age > *owner_age + k_patience_s;
}

bool make_lock(const std::string& directory, const std::string& spare, int pid,
               std::optional<sys::LeasedFile>& lease) {
  // Cheaper than building one in vain each time while somebody else works.
  if (sys::lstat_path(directory)) return false;
  if (const int refusal = sys::try_make_directory(spare, 0777)) fail("create", spare, refusal);
  int failure = write_owner(spare, pid);
  if (failure == 0) lease_owner(spare, lease);
  if (failure == 0) failure = sys::try_rename_new(spare, directory);
  if (failure == 0) return true;
  lease.reset();
  remove_directory(spare);
  if (means_taken(failure)) return false;
  if (failure == EINVAL || failure == ENOSYS) return make_in_place(directory, pid, lease);
  fail("create", directory, failure);
}

bool break_lock(const std::string& directory, const std::string& spare, const LockState& stale) {
  // Whoever of us holds this may move this very directory away; the others find another one in its place.
  bool absent = false;
  const auto seized = sys::FileLock::seize_directory(directory, absent);
  if (!seized) return absent;
  if (read_owner(directory) != stale.owner) return false;
  if (const int failure = sys::try_rename_new(directory, spare)) {
    if (failure == ENOENT) return true;
    if (failure == EINVAL || failure == ENOSYS) {
      remove_directory(directory);
      return true;
    }
    fail("move away the dead lock", directory, failure);
  }
  if (read_owner(spare) != stale.owner) {
    if (sys::try_rename_new(spare, directory) == 0) return false;
  }
  remove_directory(spare);
  return true;
}

std::optional<bool> reuse_lock(const std::string& directory, const std::string& spare) {
  if (sys::lstat_path(directory)) return false;
  // The directory's time says since when it is held.
  if (sys::try_touch(spare) != 0) return std::nullopt;
  const int failure = sys::try_rename_new(spare, directory);
  if (failure == 0) return true;
  if (means_taken(failure)) return false;
  remove_directory(spare);
  return std::nullopt;
}

bool park_lock(const std::string& directory, const std::string& spare, int pid) {
  if (read_owner(directory) != pid) return false;
  if (sys::try_rename_new(directory, spare) != 0) remove_directory(directory);
  return true;
}

void give_back(const std::string& directory, const std::string& spare, int pid, sys::LeasedFile& lease) {
  const bool is_ours = lease.is(process_file(directory), process_text(pid));
  const bool is_away = is_ours && sys::try_rename_new(directory, spare) == 0;
  lease.take_back();
  if (is_ours) remove_directory(is_away ? spare : directory);
}

void remove_spare(const std::string& spare) noexcept {
  const sys::FaultPause pause;
  remove_directory(spare);
}

bool is_bare_lock(const std::string& directory) {
  const auto facts = sys::lstat_path(directory);
  if (!facts || facts->type != sys::FileType::directory) return false;
  const auto entries = sys::Dir(directory).list("");
  return entries && std::ranges::all_of(*entries, [](const auto& entry) { return entry.name == "process"; });
}

bool is_link_to_level(const std::string& path, const std::string& filenameroot) {
  const auto target = sys::read_link(path);
  const auto level = target ? split_level_name(*target) : std::nullopt;
  return level && level->filenameroot == filenameroot && level->file() == *target;
}

void sweep_spares(const std::string& root, const std::string& filenameroot) {
  const auto entries = sys::Dir(root).list("");
  if (!entries) return;
  const auto is_dead = [](const std::optional<int>& pid) { return pid && !sys::process_exists(*pid); };
  for (const auto& entry : *entries) {
    const std::string path = root + "/" + entry.name;
    if (is_dead(maker_of_lock(entry.name, filenameroot)) && is_bare_lock(path)) remove_directory(path);
    if (is_dead(maker_of_link(entry.name, filenameroot)) && is_link_to_level(path, filenameroot))
      sys::unlink_file(path);
  }
}

}  // namespace recentd
