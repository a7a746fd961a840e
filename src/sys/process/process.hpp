#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recentd/stop.hpp>

#include "sys/process/stall.hpp"

namespace recentd::sys {

// A program to run: never through a shell.
struct ProcessRequest {
  std::vector<std::string> argv;                                 // argv[0] is looked up in PATH
  std::vector<std::pair<std::string, std::string>> environment;  // added to (or replacing) our own
  std::string standard_input;                                    // written to the child, then closed
  enum class Input : std::uint8_t { at_once, paced } input = Input::at_once;  // paced: about 2 MB/s
  std::function<void(std::string_view line)> on_output;  // each line of stdout, without its LF
  std::function<void(std::string_view line)> on_error;   // each line of stderr, without its LF
  std::function<void()> meanwhile;     // called once the child has taken its input: time for other work
  std::function<void()> now_and_then;  // called about each second; what the child writes waits meanwhile
  std::chrono::nanoseconds time_limit = std::chrono::hours(24 * 365);  // then the child is killed
  // Likewise if the group reads less than this: its pipes, sockets and files all count. Where /proc does not
  // tell what it reads there is no such limit.
  StallLimit stall = {};
  // Asked after each piece of output; once it says yes the child is ended. Empty: never.
  std::function<bool()> enough;
  // A write that would make a file larger fails in the child, with EFBIG and without a signal; 0: no limit.
  std::uint64_t max_file_bytes = 0;
  bool ends_with_child = false;              // what is left of the group when the child has ended is killed
  std::vector<int> inherited_fds;            // kept open in the child (others are closed)
  std::size_t line_limit_bytes = 64 * 1024;  // longer lines are cut
};

// How it ended.
struct ProcessResult {
  int exit_status = 0;                            // valid if signal == 0
  int signal = 0;                                 // the signal that ended it, 0 if it exited
  bool timed_out = false;                         // killed by us because of time_limit
  bool stopped = false;                           // killed by us because we were asked to stop
  bool had_enough = false;                        // killed by us because of `enough`
  std::optional<StallWatch::Stall> stalled = {};  // killed by us because no more than this came
  [[nodiscard]] bool killed_by_us() const noexcept {
    return timed_out || stopped || had_enough || stalled.has_value();
  }
  [[nodiscard]] bool ok() const noexcept { return signal == 0 && exit_status == 0 && !killed_by_us(); }
};

// Runs programs; the seam that tests replace.
class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;
  // Runs to the end. Throws Error{missing} if the program does not exist, Error{io} if it cannot be started.
  virtual ProcessResult run(const ProcessRequest& request) = 0;
};

// vfork + exec. The child leads its own process group and gets SIGTERM when our process dies
// (parent-death signal); on time-out, stop request and the like the whole group is ended (SIGTERM, then
// SIGKILL after 2 s). Safe from several threads; the thread that calls must live until run() returns. What
// the callbacks throw ends the child and comes out of run(). Pipes that a grandchild keeps open are read for
// 2 s after the child's end; then it is left alone or, with `ends_with_child`, killed. What a child writes in
// small pieces is handed over every few milliseconds. A SIGCHLD that is ignored is set back to its default,
// or no exit status would ever arrive.
class SystemProcessRunner : public ProcessRunner {
 public:
  // Children end when `stop`, which must outlive the runner, is requested.
  explicit SystemProcessRunner(const Stop& stop = Stop::process()) : stop_(stop) {}
  ProcessResult run(const ProcessRequest& request) override;

 private:
  const Stop& stop_;
};

}  // namespace recentd::sys
