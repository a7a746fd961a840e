#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace recentd::sys {

// The first line of a file with a password, and what the file is.
struct Secret {
  std::string line;              // without its end; cut at 1023 bytes
  bool regular = false;          // else a pipe, which gives its line once
  bool readable = false;         // a regular file or a pipe without a name; of anything else nothing is read
  bool others_may_read = false;  // somebody but the owner may do something with a regular file; then not read
};

// A pipe without a name, as the shell makes it for `<(COMMAND)`, has a writer, who is waited for, up to
// `patience`; one with a name, a FIFO, may never get one and is not read. A pipe without a writer, and what
// cannot be read once it is open, has no line. Throws Error{missing, io} if it cannot be opened; `doing` is
// for the message.
Secret read_secret(const std::string& path, std::string_view doing,
                   std::chrono::milliseconds patience = std::chrono::seconds(5));

}  // namespace recentd::sys
