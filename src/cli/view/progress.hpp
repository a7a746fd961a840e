#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "cli/options.hpp"
#include "cli/view/progress_text.hpp"
#include "sys/event.hpp"

namespace recentd::cli {

// The row of --progress.
Option progress_option();

// Shows on stderr how far the process's work is, while it lives: one line that is drawn anew on a terminal,
// or a JSON object a line each second. Has a thread of its own, so that the work never waits for it. Lines of
// the log come above it. One at a time in a process.
class Progress {
 public:
  enum class Form { none, line, json };
  explicit Progress(Form form);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // What --progress says; without it a line where stderr is a terminal, unless the command `talks` there
  // itself of each thing that it does. Throws Error{usage}.
  static Form wanted(const Arguments& arguments, bool talks);

 private:
  void show_until_end();
  void draw();
  void tell();
  void put(const std::string& text);
  static void write_log_line(const std::string& line);

  Form form_;
  std::mutex mutex_;  // of the terminal's line
  bool drawn_ = false;
  ProgressRates rates_;
  std::uint64_t told_part_ = 0;
  std::chrono::nanoseconds told_at_{0};
  std::optional<sys::Event> end_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

// Calls `work` and shows meanwhile how far it is.
template <class Work>
auto with_progress(const Arguments& arguments, bool talks, Work work) {
  const Progress progress(Progress::wanted(arguments, talks));
  return work();
}

}  // namespace recentd::cli
