#pragma once

#include <optional>
#include <string>

namespace recentd::transport {

// The password for a daemon: a fixed one, or the first line of a file, which is read anew for each use, so
// that a changed password needs no restart. What is no regular file (a pipe) is read once.
class Password {
 public:
  // An empty `file` means `fixed`. Reads the file. Throws Error{usage} if others may read it or it holds no
  // password, Error{missing, io}.
  Password(std::optional<std::string> fixed, std::string file);

  // Nothing: rsync finds RSYNC_PASSWORD in the environment or needs none. Throws Error{transport} for a
  // file that has become unfit since, Error{missing, io}.
  [[nodiscard]] std::optional<std::string> current() const;

 private:
  std::string file_;
  std::optional<std::string> known_;
};

}  // namespace recentd::transport
