#include "sys/limits.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace recentd::sys {

void raise_descriptor_limit() noexcept {
  constexpr rlim_t k_enough = 65536;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min(limit.rlim_max, k_enough);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace recentd::sys
