#pragma once

#include <chrono>
#include <string_view>

namespace recentd::test {

// A limit of time as it would be on a machine that has nothing else to do: while others compete for the
// processors, its time runs as much more slowly. So what is checked within a limit is the same on a busy
// machine. Not for use from two threads.
class Patience {
 public:
  explicit Patience(std::chrono::milliseconds limit)
      : left_(limit), last_(std::chrono::steady_clock::now()) {}
  // Whether the limit has passed by now.
  bool over();

 private:
  std::chrono::duration<double> left_;
  std::chrono::steady_clock::time_point last_;
};

// What of a processor's time is left for us, from more than 0 to 1, by the text of /proc/loadavg. Pure.
double share_of_time(std::string_view loadavg, unsigned processors);

}  // namespace recentd::test
