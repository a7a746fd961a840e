#include "cli/check/config_file.hpp"

#include <string_view>

#include "sys/tree/dir.hpp"

namespace recentd::cli {

std::string default_config_file() {
  constexpr std::string_view k_file = "/etc/recentd/recentd.yaml", k_program = "/bin/recentd";
  auto place = sys::real_path("/proc/self/exe").value_or("");
  if (!place.ends_with(k_program)) return std::string(k_file);
  place.replace(place.size() - k_program.size(), std::string::npos, k_file);
  return sys::lstat_path(place) ? place : std::string(k_file);
}

}  // namespace recentd::cli
