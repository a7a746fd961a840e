#pragma once

#include <functional>
#include <string>

#include <recentd/path.hpp>

#include "sys/tree/dir.hpp"

namespace recentd::sys {

// Calls `file` with everything below a directory of the root ("": the root itself) that is no directory and
// no bookkeeping name. Links are not followed. One directory's names are in memory at a time for each depth.
void walk_files(const sys::Dir& root, const Bookkeeping& bookkeeping, const std::string& directory,
                const std::function<void(const std::string& path, sys::FileType type)>& file);

// Names where no index lies: nearly all are content (those of recentd's private directories are not).
const Bookkeeping& any_name();

// Removes all below a root, which stays, without following links.
void empty_tree(const sys::Dir& root);
// The same, and the directory itself.
void remove_tree(const std::string& directory);

}  // namespace recentd::sys
