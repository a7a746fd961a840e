#include "support/tree_server.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace recentd::test {

bool TreeServer::over_http() {
  const char* const server = std::getenv("RECENTD_TEST_SERVER");
  return server != nullptr && std::string_view(server) == "http";
}

TreeServer::TreeServer(const std::vector<RsyncModule>& modules) {
  if (!over_http()) {
    daemon_ = std::make_unique<RsyncDaemon>(modules);
    return;
  }
  for (const auto& module : modules) links_.make_link(module.name, module.path);
  nginx_ = std::make_unique<Nginx>(links_.path(),
                                   "    include " RECENTD_SOURCE_DIR
                                   "/conf/nginx-origin.conf;\n"
                                   "    location ~ ^/[^/]*/\\.(recentd|FRMRecent) { return 404; }\n");
}

std::string TreeServer::url(const std::string& module, const std::string& behind) const {
  if (daemon_) return daemon_->url(module, behind);
  return nginx_->url() + module + (behind.empty() ? "" : "/" + behind);
}

int TreeServer::port() const {
  return daemon_ ? daemon_->port() : nginx_->port();
}

int TreeServer::asked() const {
  return daemon_ ? daemon_->connections() : static_cast<int>(nginx_->requests().size());
}

void TreeServer::stop() {
  daemon_ ? daemon_->stop() : nginx_->stop();
}

void TreeServer::start() {
  daemon_ ? daemon_->start() : nginx_->start();
}

void TreeServer::freeze() const {
  daemon_ ? daemon_->freeze() : nginx_->freeze();
}

void TreeServer::thaw() const {
  daemon_ ? daemon_->thaw() : nginx_->thaw();
}

RsyncDaemon& TreeServer::daemon() {
  if (!daemon_) throw std::runtime_error("this is served over HTTP, and there is no rsync daemon");
  return *daemon_;
}

std::vector<std::string> slow_line(int kib_per_s) {
  const auto rate = std::to_string(kib_per_s);
  if (TreeServer::over_http()) return {"--bwlimit", rate + "K"};
  return {"--rsync-option", "bwlimit=" + rate};
}

}  // namespace recentd::test
