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

}  // namespace recentd::sys
