#include "cli/mirror_run.hpp"

#include <cstdio>

#include <recentd/error.hpp>

#include "base/text.hpp"
#include "sys/tree/paths.hpp"

namespace recentd::cli {

void print_missing(const MirrorReport& report) {
  for (const auto& line : report.missing) std::fprintf(stderr, "missing: %s\n", escaped(line).c_str());
}

std::string absolute(const std::string& directory) {
  try {
    return sys::absolute_path(directory);
  } catch (const Error&) {
    return directory;
  }
}

}  // namespace recentd::cli
