#include "sys/failure.hpp"

#include <errno.h>

#include "base/text.hpp"

namespace recentd::sys {

namespace {

std::string_view advice(int errno_value) noexcept {
  switch (errno_value) {
    case ENOSPC:
    case EDQUOT:
      return " (make room and repeat)";
    case EACCES:
    case EPERM:
      return " (check owner and mode)";
    case EROFS:
      return " (make the file system writable)";
    case EMFILE:
    case ENFILE:
      return " (raise the limit of open files)";
    default:
      return "";
  }
}

}  // namespace

bool concerns_path_alone(const Error& error) noexcept {
  if (error.kind() != Kind::io) return false;
  switch (error.errno_value()) {
    case EACCES:
    case EPERM:
    case EIO:
    case EUCLEAN:
    case EBUSY:
    case ETXTBSY:
    case EXDEV:
    case ELOOP:
    case ENAMETOOLONG:
    case ENOTDIR:
    case EISDIR:
      return true;
    default:
      return false;
  }
}

void fail(Kind kind, std::string_view doing, const std::string& path, int errno_value) {
  throw Error(kind, cat("cannot ", doing, " ", quoted(path), advice(errno_value)), path, errno_value);
}

void fail_missing_or_io(std::string_view doing, const std::string& path, int errno_value) {
  fail(errno_value == ENOENT ? Kind::missing : Kind::io, doing, path, errno_value);
}

}  // namespace recentd::sys
