#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/tools/nginx.hpp"
#include "support/tools/rsync_daemon.hpp"
#include "support/tools/temp_tree.hpp"

namespace recentd::test {

// Whoever serves trees to the mirrors of a test: rsync's daemon, or nginx with the configuration of conf/
// where the environment says RECENTD_TEST_SERVER=http, so that what is proved over the one is tried over the
// other, too. Throws std::runtime_error as they do.
class TreeServer {
 public:
  // Modules are the first parts of paths over HTTP; their users, limits and excluded names are rsync's alone.
  explicit TreeServer(const std::vector<RsyncModule>& modules);

  static bool over_http();

  [[nodiscard]] std::string url(const std::string& module, const std::string& behind = {}) const;
  [[nodiscard]] int port() const;
  // How many connections were made, of rsync; or requests, as connections are kept over HTTP.
  [[nodiscard]] int asked() const;
  // As RsyncDaemon's.
  void stop();
  void start();
  void freeze() const;
  void thaw() const;
  // For what only rsync has. Throws std::runtime_error over HTTP.
  [[nodiscard]] RsyncDaemon& daemon();

 private:
  TempTree links_{"served"};
  std::unique_ptr<RsyncDaemon> daemon_;
  std::unique_ptr<Nginx> nginx_;
};

// Options of a mirror that hold its content back to so many KiB a second, as a slow line would.
std::vector<std::string> slow_line(int kib_per_s);

}  // namespace recentd::test
