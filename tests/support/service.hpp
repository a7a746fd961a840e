#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

namespace recentd::test {

// `recentd run -v` on a configuration file of its own. Not for use from two threads. Functions throw
// std::runtime_error when a step goes wrong that no test is about.
class Service {
 public:
  Service() = default;

  // What the file says from now on; a running service hears of it by reload().
  void configure(std::string_view text) const { place_.write("recentd.yaml", text); }
  [[nodiscard]] std::string file() const { return place_.path("recentd.yaml"); }
  [[nodiscard]] const TempTree& place() const noexcept { return place_; }

  // Starts it and waits until its trees were started.
  void start(const Environment& environment = {});
  // SIGHUP; waits until the file was taken or refused.
  void reload();
  // SIGUSR1; the log lines that answer it, one for each tree.
  std::string report();
  // A value ("rounds") of a tree in that answer.
  std::string state_of(const std::string& tree, const std::string& field);
  // SIGTERM; five seconds later it gets SIGKILL.
  ProgramResult stop();

  [[nodiscard]] Program& program() { return *program_; }
  [[nodiscard]] pid_t pid() const { return program_->pid(); }
  // What the running service has logged.
  [[nodiscard]] std::string log() const { return program_->err(); }
  [[nodiscard]] bool logged(std::string_view text) const { return log().find(text) != std::string::npos; }

 private:
  TempTree place_{"service"};
  std::unique_ptr<Program> program_;
};

// How often a text stands in another.
std::size_t count_of(std::string_view text, std::string_view part);

// A process's words, separated by NUL, by its directory in /proc; empty once it has ended.
std::string command_line(const std::filesystem::path& process);

// The rsync processes that work for a directory: how many, and their end by SIGKILL.
int rsyncs_for(const std::string& directory);
void kill_rsyncs_for(const std::string& directory);

// Names in a mirror that are neither content nor index: what rsync or recentd left unfinished.
std::vector<std::string> leftovers_in(const TempTree& tree, const std::string& target);

// A port of the loopback that takes connections and never says a word.
class SilentPort {
 public:
  SilentPort();
  ~SilentPort();
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  [[nodiscard]] int port() const noexcept { return port_; }

 private:
  int fd_ = -1;
  int port_ = 0;
};

}  // namespace recentd::test
