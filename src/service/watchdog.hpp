#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace recentd::service {

// Decides when the service manager is told that all is alive: at half of its period, and only while each
// tree's thread shows life. Pure: no clock of its own.
class Watchdog {
 public:
  using Time = std::chrono::nanoseconds;  // steady

  // period: within which the manager wants a word.
  explicit Watchdog(Time period) : period_(period) {}

  struct Sign {
    std::string tree;
    Time last;
  };
  // Whether the word is due and deserved. `stuck` gets the trees without a sign of life, once for each time
  // that they fall silent.
  bool due(Time now, const std::vector<Sign>& signs, std::vector<std::string>& stuck);
  // How long until due() has to be asked again.
  [[nodiscard]] Time wait(Time now) const noexcept;

 private:
  Time period_;
  Time next_{0};
  std::vector<std::string> silent_;
};

}  // namespace recentd::service
