#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recentd::watch {

// Files that are called like what rsync has not finished: nobody tells when they become content by resting
// long enough, so they are looked at again then. Pure: told the time, by a steady clock. Not for use from two
// threads.
class Resting {
 public:
  // Due at that time, whatever was said of it before.
  void note(std::string path, std::chrono::nanoseconds due);
  void forget(std::string_view path);
  [[nodiscard]] std::size_t size() const noexcept { return due_.size(); }

  // Takes out those that may have rested long enough.
  std::vector<std::string> take_due(std::chrono::nanoseconds now);
  // Whether there were more than can be remembered, and what could not has rested long enough by now: then
  // the whole tree has to be looked at. True once.
  bool take_overflow(std::chrono::nanoseconds now);

  static constexpr std::size_t k_paths_max = 100'000;

 private:
  std::map<std::string, std::chrono::nanoseconds, std::less<>> due_;
  std::optional<std::chrono::nanoseconds> overflow_;
};

}  // namespace recentd::watch
