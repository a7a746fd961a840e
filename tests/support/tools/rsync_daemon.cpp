#include "support/tools/rsync_daemon.hpp"

#include <stdexcept>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/tools/loopback.hpp"

namespace recentd::test {

RsyncDaemon::RsyncDaemon(const std::vector<RsyncModule>& modules, const std::string& program)
    : place_("rsyncd"), program_(program) {
  try_to_start([&] {
    port_ = free_loopback_port();
    configure(modules);
    start();
  });
}

RsyncDaemon::~RsyncDaemon() {
  stop();
}

void RsyncDaemon::configure(const std::vector<RsyncModule>& modules) const {
  std::string text = "port = " + std::to_string(port_) + "\naddress = 127.0.0.1\n" +
                     "log file = " + place_.path("log") +
                     "\nreverse lookup = no\nsocket options = TCP_NODELAY\n";
  // Without chroot, Debian's rsync 3.2.7 does not find the files of a module's sub-directories.
  text += ::geteuid() == 0 ? "use chroot = yes\nuid = root\ngid = root\n" : "use chroot = no\n";
  for (const auto& module : modules) {
    text += "[" + module.name + "]\n  path = " + module.path + "\n  read only = yes\n";
    if (!module.refuse.empty()) text += "  refuse options = " + module.refuse + "\n";
    if (!module.exclude.empty()) text += "  exclude = " + module.exclude + "\n";
    if (module.weak && ::geteuid() == 0) text += "  uid = 65534\n  gid = 65534\n";
    if (module.max_connections != 0)
      text += "  max connections = " + std::to_string(module.max_connections) +
              "\n  lock file = " + place_.path("lock-" + module.name) + "\n";
    if (module.user.empty()) continue;
    const auto secrets = place_.write("secrets-" + module.name, module.user + ":" + module.password + "\n");
    ::chmod(secrets.c_str(), 0600);
    text += "  auth users = " + module.user + "\n  secrets file = " + secrets + "\n";
  }
  place_.write("rsyncd.conf", text);
}

void RsyncDaemon::start() {
  daemon_ = std::make_unique<Program>(std::vector<std::string>{program_, "--daemon", "--no-detach",
                                                               "--config=" + place_.path("rsyncd.conf")});
  if (wait_until_serving(*daemon_, {port_})) return;
  const auto why = daemon_->err() + log();
  daemon_.reset();
  throw std::runtime_error("rsync --daemon did not start: " + why);
}

void RsyncDaemon::stop() {
  if (daemon_ == nullptr) return;
  ::kill(-daemon_->pid(), SIGKILL);  // the group: a child that serves a connection would go on otherwise
  daemon_->wait();
  daemon_.reset();
}

void RsyncDaemon::freeze() const {
  ::kill(-daemon_->pid(), SIGSTOP);
}

void RsyncDaemon::thaw() const {
  ::kill(-daemon_->pid(), SIGCONT);
}

std::string RsyncDaemon::url(const std::string& module, const std::string& path) const {
  return "rsync://127.0.0.1:" + std::to_string(port_) + "/" + module + (path.empty() ? "" : "/" + path);
}

std::string RsyncDaemon::log() const {
  return place_.read("log").value_or("");
}

int RsyncDaemon::connections() const {
  const auto text = log();
  int count = 0;
  for (auto at = text.find("rsync on "); at != std::string::npos; at = text.find("rsync on ", at + 1))
    ++count;
  return count;
}

}  // namespace recentd::test
