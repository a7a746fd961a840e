#include "sys/process/identity.hpp"

#include <unistd.h>

namespace recentd::sys {

int own_pid() noexcept {
  return ::getpid();
}

int parent_pid() noexcept {
  return ::getppid();
}

bool is_root() noexcept {
  return ::geteuid() == 0;
}

}  // namespace recentd::sys
