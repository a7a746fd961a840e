#pragma once

#include <string>

#include "sys/tree/dir.hpp"

namespace recentd::sys {

// Whether a file that was made elsewhere below a root could as well have been made in this directory, or in
// the lowest one above it that there is: it is reached without a link, lies on the root's file system, and
// files do not inherit their group or access list from it.
bool takes_files_from_elsewhere(const Dir& root, std::string_view directory);
// The same for a directory that is open, and a file that was made in `elsewhere`.
bool takes_files_from_elsewhere(const Dir& elsewhere, const Fd& directory);

// Renames many files and links below one root to the same paths below another, quickest where those of one
// directory follow each other. Follows no link on either side. Not for use from two threads.
class BulkRename {
 public:
  // Both must outlive it.
  BulkRename(const Dir& from, const Dir& to) : from_(from), to_(to) {}
  // Replaces a file or link of that name, makes parents that are missing with the modes of those it comes
  // from. False, and nothing has changed but for parents made, where it is not that simple: nothing there, or
  // no file and no link; something else in the way; or a directory that does not take files from elsewhere.
  bool move(const RelPath& path);
  // Gives a regular file the same path below the other root, as another name of it. Never replaces. Otherwise
  // as move().
  bool link(const RelPath& path);
  // As move(), for a directory with all that is in it. There must be none of that name yet, or an empty one.
  bool move_directory(const RelPath& path);

 private:
  bool enter(std::string_view parent);
  bool rename(const RelPath& path);
  [[nodiscard]] bool make_directories(std::string_view directory) const;

  const Dir& from_;
  const Dir& to_;
  bool entered_ = false, open_ = false;
  std::string parent_;  // of the path carried last
  Fd from_parent_, to_parent_;
  OpenedUp opened_[2];  // both of them
};

}  // namespace recentd::sys
