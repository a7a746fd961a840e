#pragma once

#include <functional>
#include <string>
#include <vector>

#include <recentd/error.hpp>
#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"

namespace recentd::sys {

// Calls `file` with everything below a directory of the root ("": the root itself) that is no directory and
// no bookkeeping name. Links are not followed. One directory's names are in memory at a time for each depth.
// `unread` is called for a directory that we may not read; without it that is Error{io}, as all else is. What
// is in a directory of the root is passed over where `enters` says no.
struct FileWalk {
  std::function<void(const std::string& path, sys::FileType type)> file;
  std::function<void(const std::string& directory, const Error& error)> unread = {};
  std::function<bool(const std::string& directory, const std::vector<Dir::Entry>& entries)> enters = {};
};
void walk_files(const sys::Dir& root, const Bookkeeping& bookkeeping, const std::string& directory,
                const FileWalk& walk);

// Names where no index lies: nearly all are content (those of recentd's private directories are not).
const Bookkeeping& any_name();

// Removes all below a root, which stays, without following links. `failed` is told of what cannot be removed
// by trouble with that path alone, and the rest goes; without it that is Error{io}, as all else is.
void empty_tree(const sys::Dir& root, const std::function<void(const Error& error)>& failed = {});
// The same, and the directory itself.
void remove_tree(const std::string& directory);
// Removes whatever has that name, with all that is in it, names included that no index can tell; nothing
// there is fine. Throws Error{io}.
void remove_whatever(const std::string& path);
// The same for destructors: failures are ignored, and no fault hook is asked.
void discard_tree(const std::string& path) noexcept;
// So for a file or link.
void discard_file(const std::string& path) noexcept;

}  // namespace recentd::sys
