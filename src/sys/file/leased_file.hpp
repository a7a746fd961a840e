#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sys/fd.hpp"

namespace recentd::sys {

// A file of ours that nobody else reads as long as we are at work, by a lease of the kernel's (fcntl(2),
// F_SETLEASE): whoever opens it waits until it is taken back, or until this process has ended, however. The
// kernel ends a lease that somebody waits for after 45 s (/proc/sys/fs/lease-break-time). Move-only.
class LeasedFile {
 public:
  // Of a file that exists. Nothing where there are no leases, as on file systems of other machines, or where
  // somebody has it open.
  static std::optional<LeasedFile> take(const std::string& path);

  // Whether the file is still what stands there, with this text.
  [[nodiscard]] bool is(const std::string& path, std::string_view text) const;
  // Those who wait, and who come later by an old name, find it empty.
  void take_back() noexcept;

 private:
  explicit LeasedFile(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

// Whether somebody has leased the file. It is known to him then that it is wanted.
bool is_leased(const std::string& path) noexcept;

}  // namespace recentd::sys
