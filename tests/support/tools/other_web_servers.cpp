#include "support/tools/other_web_servers.hpp"

#include <stdexcept>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/tools/nginx.hpp"

namespace recentd::test {
namespace {

const char* const k_apache = "/usr/sbin/apache2";
const char* const k_lighttpd = "/usr/sbin/lighttpd";

// Debian builds the rest of what is needed into the program.
std::string apache_text(const TempTree& place, int port) {
  std::string text = "ServerName 127.0.0.1\nServerRoot " + place.path() + "\nPidFile " + place.path("pid") +
                     "\nDefaultRuntimeDir " + place.path() + "\nMutex file:" + place.path() +
                     " default\nListen 127.0.0.1:" + std::to_string(port) + "\n";
  for (const char* module : {"mpm_event", "authz_core", "alias", "dir", "env", "headers"})
    text += std::string("LoadModule ") + module + "_module /usr/lib/apache2/modules/mod_" + module + ".so\n";
  text += "ErrorLog " + place.path("errors") + "\nLogFormat \"%m %U %>s\" short\nCustomLog " +
          place.path("log") + " short\nStartServers 1\n";
  if (::geteuid() == 0) text += "User www-data\nGroup www-data\n";
  return text + "Include " RECENTD_SOURCE_DIR "/conf/apache-origin.conf\n";
}

std::string lighttpd_text(const TempTree& place, const std::string& root, int port) {
  return "server.document-root = \"" + root +
         "\"\nserver.bind = \"127.0.0.1\"\nserver.port = " + std::to_string(port) + "\nserver.errorlog = \"" +
         place.path("errors") + "\"\nserver.modules = ( \"mod_accesslog\" )\naccesslog.filename = \"" +
         place.path("log") +
         "\"\naccesslog.format = \"%m %U %s\"\nmimetype.assign = ( \"\" => \"application/octet-stream\" )\n"
         "server.max-keep-alive-requests = 1000000\n"
         // It refuses names of all bytes otherwise.
         "server.http-parseopts = ( \"url-ctrls-reject\" => \"disable\", "
         "\"url-invalid-utf8-reject\" => \"disable\", \"url-path-backslash-trans\" => \"disable\" )\n";
}

}  // namespace

bool OtherWebServer::is_installed(Kind kind) {
  return ::access(kind == Kind::apache ? k_apache : k_lighttpd, X_OK) == 0;
}

OtherWebServer::OtherWebServer(Kind kind, const std::string& root) : place_("web") {
  ::chmod(place_.path().c_str(), 0755);
  for (int attempt = 0; server_ == nullptr;
       ++attempt) {  // somebody may take the port between us and the server
    port_ = free_loopback_port();
    configure(kind, root);
    auto server = std::make_unique<Program>(command_);
    const bool up = eventually([&] { return !server->running() || loopback_accepts(port_); });
    if (up && server->running())
      server_ = std::move(server);
    else if (attempt == 4)
      throw std::runtime_error(command_[0] + " did not start: " + server->err() + server->out() +
                               place_.read("errors").value_or(""));
  }
}

void OtherWebServer::configure(Kind kind, const std::string& root) {
  if (kind == Kind::apache) {
    const auto file = place_.write("apache.conf", apache_text(place_, port_));
    command_ = {k_apache, "-D", "FOREGROUND", "-C", "Define recentd_root " + root, "-f", file};
  } else {
    command_ = {k_lighttpd, "-D", "-f", place_.write("lighttpd.conf", lighttpd_text(place_, root, port_))};
  }
}

OtherWebServer::~OtherWebServer() {
  if (server_ == nullptr) return;
  ::kill(-server_->pid(), SIGKILL);
  server_->wait();
}

std::string OtherWebServer::requests() const {
  return place_.read("log").value_or("");
}

}  // namespace recentd::test
