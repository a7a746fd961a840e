#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/tree.hpp"
#include "service/watchdog.hpp"
#include "settings/config.hpp"
#include "sys/event.hpp"
#include "sys/process/service_manager.hpp"

namespace recentd::service {

// Runs the trees of a configuration file, each in a thread of its own, until the process is asked to stop or
// no tree is left alive. SIGHUP reads the file again, SIGUSR1 logs how the trees fare.
class Supervisor {
 public:
  // `file` is read again on each reload; `config` is what it says now, without problems. Installs the signal
  // handlers; one at a time in a process, and to be made before there are other threads.
  Supervisor(std::string file, settings::Config config, Tree::Work work);

  // Returns the exit code: 0, or that of the first tree (in the file's order) that ended with an error.
  // Ends the process itself if a tree has not come to a safe point 4.5 s after the wish to stop.
  int run();

 private:
  void wait();
  void reload();
  void reconcile();
  void start(const settings::TreeConfig& config);
  void report() const;
  void tell_manager();
  void end_all();
  [[nodiscard]] Tree* find(const settings::TreeConfig& config) const;
  [[nodiscard]] bool in_the_way(const settings::TreeConfig& config) const;
  [[nodiscard]] bool settled() const;
  [[nodiscard]] bool all_ended() const;
  [[nodiscard]] std::vector<NamedStatus> statuses() const;
  [[nodiscard]] int exit_code_of_trees() const;

  std::string file_;
  std::vector<settings::TreeConfig> wanted_;
  Tree::Work work_;
  sys::ServiceManager manager_;
  const sys::Event& event_;
  std::vector<std::unique_ptr<Tree>> trees_;  // those that are stopping, too
  std::optional<Watchdog> watchdog_;
  bool reloading_ = false;
  std::string told_;  // the last STATUS
};

}  // namespace recentd::service
