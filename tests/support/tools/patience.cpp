#include "support/tools/patience.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

namespace recentd::test {
namespace {

// A test that hangs has to end some time.
constexpr double k_least_share = 1.0 / 20;

}  // namespace

// The load of the last minute knows who waits for the disk, too, and the number of those that run is quicker
// to tell of a machine that has become busy.
double share_of_time(std::string_view loadavg, unsigned processors) {
  const std::string text(loadavg);
  char* rest = nullptr;
  double busy = std::strtod(text.c_str(), &rest);
  if (const auto slash = text.find('/'); slash != std::string::npos) {
    const auto blank = text.rfind(' ', slash);
    busy = std::max(busy, std::strtod(text.c_str() + (blank == std::string::npos ? 0 : blank + 1), &rest));
  }
  const double all = std::max(processors, 1U);
  return std::clamp(all / std::max(busy, all), k_least_share, 1.0);
}

bool Patience::over() {
  const auto now = std::chrono::steady_clock::now();
  std::string load;
  std::getline(std::ifstream("/proc/loadavg"), load);
  left_ -= (now - last_) * share_of_time(load, std::thread::hardware_concurrency());
  last_ = now;
  return left_.count() <= 0;
}

}  // namespace recentd::test
