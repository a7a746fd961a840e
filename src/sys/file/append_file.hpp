#pragma once

#include <string>
#include <string_view>

#include "sys/fd.hpp"

namespace recentd::sys {

// A file that only grows, such as a log that others may rotate. Lines of several processes do not mix.
class AppendFile {
 public:
  // Opens it, or makes it. Throws Error{io}.
  explicit AppendFile(std::string path);

  // What cannot be written is lost: a log must not stop the work.
  void append(std::string_view text) const;
  // Opens the path anew if another file has that name now, or none. If that fails the old one goes on.
  void follow_name();

 private:
  std::string path_;
  Fd fd_;
};

}  // namespace recentd::sys
