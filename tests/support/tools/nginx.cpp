#include "support/tools/nginx.hpp"

#include <sstream>
#include <stdexcept>

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace recentd::test {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::string server(const std::string& listen, const std::string& root, const std::string& directives) {
  return "  server {\n    listen " + listen + ";\n    root " + root + ";\n" + directives + "\n  }\n";
}

}  // namespace

int free_loopback_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free loopback port");
  return ntohs(address.sin_port);
}

bool loopback_accepts(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  const bool ok = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return ok;
}

Nginx::Nginx(const std::string& root, const std::string& directives) : place_("nginx") {
  const auto made =
      run_program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                   "-nodes", "-keyout", place_.path("key.pem"), "-out", certificate(), "-days", "2", "-subj",
                   "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"});
  if (made.exit_code != 0) throw std::runtime_error("openssl made no certificate: " + made.err);
  for (int attempt = 0; nginx_ == nullptr; ++attempt) {  // somebody may take a port between us and nginx
    port_ = free_loopback_port();
    tls_port_ = free_loopback_port();
    std::string text =
        "daemon off;\nworker_processes 1;\npid " + place_.path("pid") + ";\nerror_log " +
        place_.path("errors") + ";\nevents { worker_connections 256; }\nhttp {\n" +
        "  log_format short '$request_method $request_uri $status $bytes_sent $connection';\n" +
        "  access_log " + place_.path("log") + " short;\n  keepalive_requests 1000000;\n" +
        "  default_type application/octet-stream;\n";
    for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
      text += "  " + std::string(kind) + "_temp_path " + place_.path(kind) + ";\n";
    text += server("127.0.0.1:" + std::to_string(port_), root, directives);
    text += server("127.0.0.1:" + std::to_string(tls_port_) + " ssl http2", root,
                   "    ssl_certificate " + certificate() + ";\n    ssl_certificate_key " +
                       place_.path("key.pem") + ";\n" + directives);
    if (::geteuid() == 0) text = "user root;\n" + text;
    place_.write("nginx.conf", text + "}\n");
    try {
      start();
    } catch (const std::runtime_error&) {
      if (attempt == 4) throw;
    }
  }
}

Nginx::~Nginx() {
  stop();
}

void Nginx::start() {
  nginx_ = std::make_unique<Program>(std::vector<std::string>{
      "/usr/sbin/nginx", "-p", place_.path(), "-e", place_.path("errors"), "-c", place_.path("nginx.conf")});
  const bool up = eventually(
      [&] { return !nginx_->running() || (loopback_accepts(port_) && loopback_accepts(tls_port_)); });
  if (up && nginx_->running()) return;
  const auto why = nginx_->err() + place_.read("errors").value_or("");
  nginx_.reset();
  throw std::runtime_error("nginx did not start: " + why);
}

void Nginx::stop() {
  if (nginx_ == nullptr) return;
  ::kill(-nginx_->pid(), SIGKILL);
  nginx_->wait();
  nginx_.reset();
}

void Nginx::freeze() const {
  ::kill(-nginx_->pid(), SIGSTOP);
}

void Nginx::thaw() const {
  ::kill(-nginx_->pid(), SIGCONT);
}

std::string Nginx::url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/";
}

std::string Nginx::tls_url() const {
  return "https://127.0.0.1:" + std::to_string(tls_port_) + "/";
}

std::vector<std::string> Nginx::requests() const {
  std::vector<std::string> lines;
  std::istringstream text(place_.read("log").value_or(""));
  for (std::string line; std::getline(text, line);)
    if (!line.empty() && line.find("  ") == std::string::npos) lines.push_back(line);
  return lines;
}

void Nginx::forget_requests() {
  place_.write("log", "");
}

}  // namespace recentd::test
