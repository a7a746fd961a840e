#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <recentd/clock.hpp>
#include <recentd/epoch.hpp>

#include "sys/file/leased_file.hpp"

namespace recentd {

// The single steps of the reference's lock protocol on one directory `FILE.lock`; LevelLock puts them
// together.

// What stands in `FILE.lock`.
struct LockState {
  std::optional<int> owner;  // nothing: no `process` file, or none with a number in it
  std::int64_t since_s = 0;  // mtime of the directory
  std::uint64_t inode = 0;
  std::optional<std::uint64_t> started = {};  // when the owner began, see sys::process_start()
  bool leased = false;  // a living process keeps its number to itself as long as it is at work
};

// Whether the lock's owner has ended, or is not known and had time enough to say who it is. A process that
// took an owner's number later is not the owner. Not for locks of this process.
bool owner_is_gone(const LockState& state, Clock& clock);

// The reference's writers break the lock of a process that ends between their reading its number and their
// looking for it, even if another one has the lock by then. So a process that ends soon leases its number
// while it holds a lock, where the kernel can: nobody reads it before the lock is given back, when it is not
// there any more, or before the process has ended with the lock. Process-wide.
void lease_lock_owners(bool wanted) noexcept;

// Nothing if there is no lock. Throws Error{io}.
std::optional<LockState> read_lock(const std::string& directory);

// Makes the lock appear with our pid inside: built as `spare`, moved into place without replacing anything.
// False if somebody has it. `lease` becomes that of the number, if it is to be leased and can be. Throws
// Error{missing} if the directory around it does not exist, Error{io}.
bool make_lock(const std::string& directory, const std::string& spare, int pid,
               std::optional<sys::LeasedFile>& lease);

// The same with a directory that stands ready at `spare`, with our pid inside. Nothing if it does not stand
// there any more or cannot be moved: then make_lock() may do.
std::optional<bool> reuse_lock(const std::string& directory, const std::string& spare);

// Moves a lock whose state is still `stale` to `spare` and removes it there; it is put back if somebody took
// it over meanwhile. Of several of our processes at most one gets it. True if the lock is gone.
bool break_lock(const std::string& directory, const std::string& spare, const LockState& stale);

// Moves our own lock to `spare`, whole. False if it is not ours any more; if it cannot be moved it is
// removed.
bool park_lock(const std::string& directory, const std::string& spare, int pid);
// The same for one whose number is leased, which is removed.
void give_back(const std::string& directory, const std::string& spare, int pid, sys::LeasedFile& lease);
// Removes what park_lock() left at `spare`.
void remove_spare(const std::string& spare) noexcept;

// Whether a directory holds nothing but what a lock does: then it is one, or was to become one.
bool is_bare_lock(const std::string& directory);

// Whether it is a link to a file that is called as a level of this set.
bool is_link_to_level(const std::string& path, const std::string& filenameroot);

// Removes what crashed processes left of links and locks being made or taken apart: ROOT.recent.PID, a link
// to a level of this set, and ROOT.recent.lock.PID.N, a bare lock, of dead pids. What somebody else gave such
// a name stays.
void sweep_spares(const std::string& root, const std::string& filenameroot);

}  // namespace recentd
