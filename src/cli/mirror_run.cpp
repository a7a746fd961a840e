#include "cli/mirror_run.hpp"

#include <cstdio>
#include <filesystem>

#include "base/text.hpp"

namespace recentd::cli {

void print_missing(const MirrorReport& report) {
  for (const auto& line : report.missing) std::fprintf(stderr, "missing: %s\n", escaped(line).c_str());
}

std::string absolute(const std::string& directory) {
  std::error_code error;
  const auto path = std::filesystem::absolute(directory, error);
  return error ? directory : path.lexically_normal().string();
}

}  // namespace recentd::cli
