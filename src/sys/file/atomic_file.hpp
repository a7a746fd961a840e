#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <recentd/epoch.hpp>
#include <recentd/fsync.hpp>

#include "sys/fd.hpp"

namespace recentd::sys {

// Replaces a file as a whole: written to a temporary beside it, synced, renamed. Readers see the old content
// or the new one, never a mixture. Destroyed without commit(), it leaves nothing behind.
class AtomicFile {
 public:
  // Creates the temporary `temp_path` (O_EXCL, after removing a leftover: the caller holds the lock) in
  // the same directory as `path`. expected_bytes reserves space for large files. Mode: that of an existing
  // file at path, else 0666 less the umask, always readable by all.
  // Throws Error{missing} if the directory is not there, Error{io} for other failures, a leftover directory
  // too.
  AtomicFile(std::string path, std::string temp_path, Fsync fsync, std::size_t expected_bytes = 0);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Appends; buffered. Throws Error{io}.
  void write(std::string_view bytes);
  // Room for at least n bytes in the buffer; the caller fills some and calls advance(filled).
  char* reserve(std::size_t n);
  void advance(std::size_t filled) noexcept;
  // Puts these in the place of as many first bytes of what was written (no more than that). Throws Error{io}.
  void replace_start(std::string_view bytes);
  // Bytes written so far.
  [[nodiscard]] std::uint64_t size() const noexcept;
  // Syncs as the policy says, sets the mtime if given, renames, syncs the directory. A failed fsync is an
  // error and nothing is renamed. Call once, and not
  // after a write failed (Error{internal}).
  void commit(const std::optional<TimePoint>& mtime = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Replaces (or makes) the symbolic link `path` -> `target` atomically through `temp_path`. Does nothing and
// returns false if the link already says so.
bool replace_symlink(const std::string& path, const std::string& target, const std::string& temp_path,
                     Fsync fsync);

// fsync on a directory. Throws Error{io}.
void sync_directory(const std::string& path);
// syncfs of the file system that holds path. Throws Error{io}.
void sync_filesystem(const std::string& path);

}  // namespace recentd::sys
