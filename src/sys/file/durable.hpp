#pragma once

#include <string>

#include "sys/fd.hpp"

namespace recentd::sys {

// The directory that holds a file, opened before the file is renamed: what can fail should fail before.
class DirectorySync {
 public:
  // Opens the directory of file_path. Throws Error{io}.
  explicit DirectorySync(const std::string& file_path);
  // fsync. Throws Error{io}.
  void sync() const;

 private:
  std::string path_;
  Fd fd_;
};

// The file system that a directory lies on. It stays open, so that trouble with writing back what was written
// since is told, even if it came between two syncs.
class FilesystemSync {
 public:
  // Throws Error{io}.
  explicit FilesystemSync(std::string directory);
  // syncfs. A sync that failed says nothing of what is on the disk, and the next one does not either: the
  // kernel has forgotten what it could not write. Throws Error{io}.
  void sync() const;

 private:
  std::string directory_;
  Fd fd_;
};

}  // namespace recentd::sys
