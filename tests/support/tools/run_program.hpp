#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "support/tools/patience.hpp"
#include "support/tools/program.hpp"

namespace recentd::test {

using Environment = std::vector<std::pair<std::string, std::string>>;  // added to, or replacing, our own

struct ProgramResult {
  int exit_code = 0;  // 128 + signal if a signal ended it
  std::string out;
  std::string err;
  std::chrono::microseconds cpu{};  // user and system time of the program and the children it waited for
};

// A program that runs beside the test, in a process group of its own. Its output is collected in memory, so
// it never waits for a reader. Killed, with its group, by the destructor. Throws std::runtime_error if it
// cannot be started.
class Program {
 public:
  // argv[0] is looked up in PATH; it reads `standard_input` to its end.
  explicit Program(const std::vector<std::string>& argv, const Environment& environment = {},
                   std::string_view standard_input = {});
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  // True while it has not ended.
  [[nodiscard]] bool running();
  // To the program alone.
  void send(int signal) const;
  // Waits for the end; after `limit`, see Patience, the whole group gets SIGKILL (exit code 137).
  ProgramResult wait(std::chrono::milliseconds limit = std::chrono::minutes(5));
  // What it has written so far; without recentd's warning about an old rsync.
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;

 private:
  pid_t pid_ = -1;
  int out_fd_ = -1;
  int err_fd_ = -1;
  bool ended_ = false;
  int status_ = 0;
  std::chrono::microseconds cpu_{};
};

// Runs to the end.
ProgramResult run_program(const std::vector<std::string>& argv, const Environment& environment = {},
                          std::string_view standard_input = {});

// The built `recentd` with these arguments.
ProgramResult run_recentd(const std::vector<std::string>& arguments, const Environment& environment = {},
                          std::string_view standard_input = {});

// Polls until `condition` holds; false if it did not within `limit`, see Patience.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds(20));

// What a mirror wrote, without the line that tells that a first copy begins.
std::string but_for_first_copy(const std::string& text);
// The same without the two lines on a file that the upstream has not got.
std::string but_for_known_missing(const std::string& text);

void sleep_a_moment();  // 10 ms

template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit) {
  Patience patience(limit);
  while (!condition()) {
    if (patience.over()) return false;
    sleep_a_moment();
  }
  return true;
}

}  // namespace recentd::test
