#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

namespace recentd::test {

// One module of a daemon.
struct RsyncModule {
  std::string name;
  std::string path;
  std::string user = {};  // if set: `auth users`, with this password
  std::string password = {};
  std::string exclude = {};  // an `exclude =` value
  bool weak = false;         // it reads as a user without rights, if the test runs as root
  std::string refuse = {};   // a `refuse options =` value
  int max_connections = 0;   // 0: no limit; negative: it turns everybody away
};

// A stock `rsync --daemon` on a free loopback port, with its own configuration, log and secrets. Ready to be
// asked when the constructor returns; ended, with its children, by the destructor. Throws std::runtime_error.
class RsyncDaemon {
 public:
  explicit RsyncDaemon(const std::vector<RsyncModule>& modules, const std::string& program = "rsync");
  ~RsyncDaemon();

  [[nodiscard]] int port() const noexcept { return port_; }
  // rsync://127.0.0.1:PORT/MODULE[/PATH]
  [[nodiscard]] std::string url(const std::string& module, const std::string& path = {}) const;
  // Everything the daemon has logged.
  [[nodiscard]] std::string log() const;
  // How many connections it has logged.
  [[nodiscard]] int connections() const;
  // Ends the daemon and what it serves, as a crash of the upstream would; start() brings it back on the same
  // port.
  void stop();
  void start();
  // Stops it in its tracks, with all that it serves: it still takes connections and never says a word. Undone
  // by thaw().
  void freeze() const;
  void thaw() const;
  // Serves other modules from the next connection on.
  void configure(const std::vector<RsyncModule>& modules) const;

 private:
  TempTree place_;
  std::string program_;
  int port_ = 0;
  std::unique_ptr<Program> daemon_;
};

}  // namespace recentd::test
