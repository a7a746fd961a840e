#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <recentd/epoch.hpp>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

namespace recentd::test {

using Names = std::set<std::string>;

inline constexpr const char* k_ext4 = "/tmp";
inline constexpr const char* k_tmpfs = "/dev/shm";

// The ways in which this machine lets us watch.
std::vector<std::string> watch_methods();

// A tree that `recentd watch` follows, in a directory "tree" of its own below `place`. Functions throw
// std::runtime_error when a step goes wrong that no test is about.
class Watched {
 public:
  explicit Watched(const std::string& place);
  ~Watched();

  [[nodiscard]] std::string path(const std::string& name = {}) const;
  [[nodiscard]] std::string state() const { return home_->path("state"); }
  void write(const std::string& name, std::string_view content) const;
  [[nodiscard]] std::optional<std::string> read(const std::string& name) const;
  // In the tree, or in another directory beside it.
  void shell(const std::string& commands) const { shell_in("tree", commands); }
  void shell_in(const std::string& directory, const std::string& commands) const;

  void init() const;
  // Waits until it follows the tree.
  void start(const std::vector<std::string>& options, const Environment& environment = {});
  void init_and_start(const std::vector<std::string>& options) {
    init();
    start(options);
  }
  int stop();
  [[nodiscard]] std::string output() const { return program_->out(); }
  [[nodiscard]] std::string log() const { return program_->err(); }
  [[nodiscard]] pid_t pid() const { return program_->pid(); }
  [[nodiscard]] bool running() { return program_->running(); }

  // Paths that the index tells to be present, and files and links on disk without those that are no content.
  [[nodiscard]] Names index() const;
  [[nodiscard]] Names disk() const;
  // Paths of all events.
  [[nodiscard]] Names every_path() const;
  [[nodiscard]] Epoch epoch_of(const std::string& name) const;
  // Files whose event is older than their content.
  [[nodiscard]] std::vector<std::string> stale() const;
  [[nodiscard]] bool every_event_is_in_order() const;

  // Whether the index tells of the disk, soon, and goes on to.
  [[nodiscard]] bool settles(std::chrono::milliseconds limit = std::chrono::seconds(20)) const;
  [[nodiscard]] bool settles_to(const Names& names) const;
  [[nodiscard]] bool eventually_has(const std::string& name) const;
  [[nodiscard]] bool eventually_logged(const std::string& text) const;

 private:
  std::unique_ptr<TempTree> home_;
  std::unique_ptr<Program> program_;
};

// A limit of the kernel (a path below /proc/sys) that is another one for a while.
class KernelLimit {
 public:
  KernelLimit(const std::string& name, std::uint64_t value);
  ~KernelLimit();
  KernelLimit(const KernelLimit&) = delete;
  KernelLimit& operator=(const KernelLimit&) = delete;

 private:
  std::string file_;
  std::string before_;
};

}  // namespace recentd::test
