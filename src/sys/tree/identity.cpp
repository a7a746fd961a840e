#include "sys/tree/identity.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/text.hpp"
#include "sys/failure.hpp"

namespace recentd::sys {

std::string directory_identity(int directory_fd) {
  struct statx facts {};
  if (::statx(directory_fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &facts) != 0)
    fail(Kind::io, "stat", "target", errno);
  const auto inode = static_cast<std::uint64_t>(facts.stx_ino);
  if ((facts.stx_mask & STATX_BTIME) == 0) return cat(inode);
  return cat(inode, ":", static_cast<std::int64_t>(facts.stx_btime.tv_sec), ".",
             static_cast<std::uint32_t>(facts.stx_btime.tv_nsec));
}

}  // namespace recentd::sys
