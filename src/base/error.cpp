#include <cstring>

#include <recentd/error.hpp>

#include "base/text.hpp"

namespace recentd {

namespace {

std::string compose(const std::string& message, int errno_value) {
  std::string line = single_line(message);
  if (errno_value == 0) return line;
  const char* reason = strerrordesc_np(errno_value);
  line += ": ";
  line += reason != nullptr ? reason : "error " + std::to_string(errno_value);
  return line;
}

}  // namespace

int exit_code(Kind kind) noexcept {
  switch (kind) {
    case Kind::internal:
      return 1;
    case Kind::usage:
    case Kind::config:
      return 2;
    case Kind::missing:
      return 3;
    case Kind::corrupt:
      return 4;
    case Kind::locked:
      return 5;
    case Kind::transport:
      return 6;
    case Kind::io:
      return 7;
    case Kind::refused:
      return 8;
    case Kind::incomplete:
      return 9;
  }
  return 1;
}

Error::Error(Kind kind, const std::string& message, std::string path, int errno_value)
    : std::runtime_error(compose(message, errno_value)),
      kind_(kind),
      path_(std::move(path)),
      errno_(errno_value) {}

}  // namespace recentd
