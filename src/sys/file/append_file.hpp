#pragma once

#include <cstdint>
#include <optional>
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

// Appends to a file that is there: its size afterwards, or nothing, and then perhaps a part of the text, if
// there is none or it cannot be written.
std::optional<std::uint64_t> append_to(const std::string& path, std::string_view text);

}  // namespace recentd::sys
