#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <recentd/clock.hpp>
#include <recentd/mirror.hpp>

#include "base/log_throttle.hpp"
#include "mirror/hook_points.hpp"
#include "sys/process/process.hpp"

namespace recentd::mirror {

// The commands that an operator wants run when something has happened: after a batch, after index files
// became visible, on trouble. Never through a shell; the names concerned arrive on standard input, each ended
// by a NUL, the rest in the environment as RECENTD_* (recentd(1)). What goes wrong with a hook is logged and
// never thrown. Normally a hook is waited for, so that whoever calls holds the target's lock meanwhile; with
// `overlap` one thread runs them one after the other beside the mirror. Called from the mirror's thread.
class Hooks : public HookPoints {
 public:
  // Options, runner and clock must outlive the hooks. `target` and the source are told to the commands.
  Hooks(const MirrorOptions& options, std::string target, sys::ProcessRunner& runner, Clock& clock);
  // With `overlap`: waits for what is still to be run, unless the clock's stop is requested.
  ~Hooks() override;
  Hooks(const Hooks&) = delete;
  Hooks& operator=(const Hooks&) = delete;

  // A file's content came over the network; a file is gone; an index became visible.
  void arrived(std::string_view interval, std::string_view path) override;
  void removed(std::string_view path) override;
  void published(std::string_view file) override;
  // Runs `after_batch` for what has arrived or is gone since the last time, if anything; `after_publish` for
  // what became visible.
  void batch_ended() override;
  void deletes_ended() override;
  void publishing_ended() override;
  // Runs `on_error`.
  void trouble(std::string_view message) override;

 private:
  struct Job {
    const char* hook;  // "after_batch" and so on
    sys::ProcessRequest request;
  };
  using Fields = std::vector<std::pair<std::string, std::string>>;
  struct Names {
    std::string text;  // each ended by a NUL
    std::uint64_t count = 0;
    void add(std::string_view name);
  };
  void call(const char* hook, const std::vector<std::string>& command, const char* event, Names& names,
            Fields fields);
  void enqueue(Job job);
  void work();
  void run_or_drop(const Job& job);
  void run(const Job& job);
  void tell(const char* hook, const std::string& failure);

  const MirrorOptions& options_;
  std::string target_;
  sys::ProcessRunner& runner_;
  Clock& clock_;
  Names arrived_, removed_, published_;
  std::string interval_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool closing_ = false;
  std::map<std::string, LogThrottle, std::less<>> troubles_;  // by hook
  std::thread worker_;
};

}  // namespace recentd::mirror
