#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recentd/path.hpp>

#include "sys/fd.hpp"
#include "sys/tree/way.hpp"

namespace recentd::sys {

enum class FileType : std::uint8_t { regular, symlink, directory, other };

// What lstat says of one name.
struct FileFacts {
  FileType type = FileType::other;
  std::uint64_t size_bytes = 0;
  std::int64_t mtime_s = 0;    // seconds since 1970
  std::uint32_t mtime_ns = 0;  // and nanoseconds
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  std::int64_t changed_ns = 0;  // ctime, in nanoseconds since 1970: no program can set it
  std::uint32_t links = 1;      // how many names the file has
  std::uint32_t mode = 0;       // 07777 of it
  std::uint32_t owner = 0;      // its user
};

// lstat of any path; nothing if it does not exist. Throws Error{io} on other failures.
std::optional<FileFacts> lstat_path(const std::string& path);
// stat (follows links); nothing if it does not exist.
std::optional<FileFacts> stat_path(const std::string& path);
// fstat; nothing if it fails. `path` is for the fault hook.
std::optional<FileFacts> facts_of_open(int fd, std::string_view path);

// A tree's root as an open directory. All operations below take paths that cannot leave it, and walk them
// without following any symbolic link (openat2 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS, or component by
// component with O_NOFOLLOW where the kernel has no openat2), so that a link planted below the root leads
// nowhere. Directories of ours whose modes keep us out are opened for the moment.
class Dir {
 public:
  // Throws Error{missing} if it is not there, Error{io} if it is no directory or cannot be opened.
  explicit Dir(const std::string& path);

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  // device and inode of the directory, to compare roots.
  [[nodiscard]] FileFacts facts() const;

  // From now on a link that the operator made in a directory's place is that directory, see
  // LinkedDirectories, for all operations below.
  void follow_links() { links_ = std::make_shared<LinkedDirectories>(); }
  // Those that were followed so far; nullptr if none is.
  [[nodiscard]] const LinkedDirectories* links() const noexcept { return links_.get(); }
  // The path of such a link on the way to a directory, "" or below, that is not followed: what stands there
  // must not be taken for nothing. A link that may have come with a transfer is none.
  [[nodiscard]] std::optional<std::string> link_in_the_way(std::string_view directory) const;
  // As open_beneath(), with the flags of open(2).
  [[nodiscard]] Fd open(std::string_view relative, int flags) const;

  // lstat below the root. Nothing if it does not exist, or if a component on the way is missing or no
  // directory (a symbolic link on the way counts as no directory).
  [[nodiscard]] std::optional<FileFacts> lstat(const RelPath& path) const;

  enum class Removal { removed, absent, is_directory, not_empty };
  // Removes a file or link, never a directory. Throws Error{io}.
  Removal unlink(const RelPath& path) const;
  // Removes an empty directory; not_empty if it is not, absent if there is none (or no directory) there.
  Removal rmdir(const RelPath& path) const;
  // Removes the parents of `path` that are empty, from the deepest up, never the root. Returns how many.
  int remove_empty_parents(const RelPath& path) const;

  enum class Move { moved, absent, is_directory, exists, unreachable };
  // Renames a file or link to a path below another root of the same file system. Never replaces: `exists` if
  // something has that name. Parents that are missing there are made; `unreachable` if one of them is no
  // directory or the name is too long. Throws Error{io}, with EXDEV for another file system.
  Move move(const RelPath& path, const Dir& to, const RelPath& as) const;
  // A directory below the root as a root of its own; nothing if it is not there or no directory.
  [[nodiscard]] std::optional<Dir> below(const RelPath& directory) const;
  // mkdir below the root; false if the name is taken. Throws Error{io}.
  bool make_directory(const RelPath& directory, unsigned mode) const;
  // chmod below the root, not of what a link leads to. 0 or the errno.
  [[nodiscard]] int try_set_mode(const RelPath& path, unsigned mode) const;

  struct Entry {
    std::string name;
    FileType type;
  };
  // The names in a directory below the root ("" = the root itself), unsorted, without . and ..; nothing if it
  // is not there or no directory.
  [[nodiscard]] std::optional<std::vector<Entry>> list(std::string_view relative_directory) const;

 private:
  Dir(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  [[nodiscard]] Fd open_linked(std::string_view relative, int flags) const;

  std::string path_;
  Fd fd_;
  std::shared_ptr<LinkedDirectories> links_;
};

// Looks at many names below a root, quickest where those of one directory follow each other. What happens to
// a directory between two looks at names in it goes unnoticed. Not for use from two threads.
class CachedLstat {
 public:
  // The root must outlive it.
  explicit CachedLstat(const Dir& root) : root_(root) {}
  // As Dir::lstat().
  std::optional<FileFacts> lstat(const RelPath& path);
  // As Dir::link_in_the_way(), of the directory that held the name looked at last.
  [[nodiscard]] const std::optional<std::string>& link_in_the_way() const noexcept { return link_; }

 private:
  void enter(std::string_view parent, std::string_view text);

  const Dir& root_;
  std::string parent_;  // of the name looked at last; empty: the root
  Fd parent_fd_;
  bool reachable_ = true;
  OpenedUp opened_;  // for the parent
  std::optional<std::string> link_;
};

// mkdir; true if it was made, false if it was there already. Throws Error{io, missing}.
bool make_directory(const std::string& path, unsigned mode);
// Target text of a symbolic link; nothing if it is no link or not there.
std::optional<std::string> read_link(const std::string& path);
// rename(2), link(2), unlink(2) with the fault hook and Error{io}. unlink_file: false if it was not there.
void rename_file(const std::string& from, const std::string& to);
void link_file(const std::string& from, const std::string& to);
bool unlink_file(const std::string& path);
// Mode 0644, whatever the umask was, so that a daemon can serve the file.
void make_readable(const std::string& path);
// Absolute, without links, `.` and `..`; nothing if it does not exist.
std::optional<std::string> real_path(const std::string& path);

}  // namespace recentd::sys
