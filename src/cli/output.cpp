#include "cli/output.hpp"

#include <cerrno>
#include <cstdio>

#include <recentd/error.hpp>

namespace recentd::cli {

bool flush_output() {
  if (std::fflush(stdout) == 0) return true;
  if (errno == EPIPE) return false;
  throw Error(Kind::io, "cannot write to stdout; is the disk full that it leads to?");
}

}  // namespace recentd::cli
