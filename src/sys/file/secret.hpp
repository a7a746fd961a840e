#pragma once

#include <string>
#include <string_view>

namespace recentd::sys {

// The first line of a file with a password, and what the file is.
struct Secret {
  std::string line;              // without its end; cut at 1023 bytes
  bool regular = false;          // else a pipe, say, which gives its line once
  bool others_may_read = false;  // somebody but the owner may do something with a regular file; then not read
};

// Waits for the writer of a pipe. What cannot be read once it is open has no line. Throws Error{missing, io}
// if it cannot be opened; `doing` is for the message.
Secret read_secret(const std::string& path, std::string_view doing);

}  // namespace recentd::sys
