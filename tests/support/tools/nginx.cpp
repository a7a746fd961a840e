#include "support/tools/nginx.hpp"

#include <sstream>
#include <stdexcept>

#include <signal.h>
#include <unistd.h>

namespace recentd::test {
namespace {

std::string server(const std::string& listen, const std::string& root, const std::string& directives) {
  return "  server {\n    listen " + listen + ";\n    root " + root + ";\n" + directives + "\n  }\n";
}

}  // namespace

Nginx::Nginx(const std::string& root, const std::string& directives, const std::string& common)
    : place_("nginx") {
  const auto made =
      run_program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                   "-nodes", "-keyout", place_.path("key.pem"), "-out", certificate(), "-days", "2", "-subj",
                   "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"});
  if (made.exit_code != 0) throw std::runtime_error("openssl made no certificate: " + made.err);
  try_to_start([&] {
    port_ = free_loopback_port();
    tls_port_ = free_loopback_port();
    configure(root, directives, common);
    start();
  });
}

void Nginx::configure(const std::string& root, const std::string& directives,
                      const std::string& common) const {
  std::string text = "daemon off;\nworker_processes 1;\npid " + place_.path("pid") + ";\nerror_log " +
                     place_.path("errors") + ";\nevents { worker_connections 256; }\nhttp {\n" +
                     "  log_format short '$request_method $request_uri $status $bytes_sent $connection';\n" +
                     "  access_log " + place_.path("log") + " short;\n  keepalive_requests 1000000;\n" +
                     "  default_type application/octet-stream;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    text += "  " + std::string(kind) + "_temp_path " + place_.path(kind) + ";\n";
  text += common + server("127.0.0.1:" + std::to_string(port_), root, directives);
  text += server("127.0.0.1:" + std::to_string(tls_port_) + " ssl http2", root,
                 "    ssl_certificate " + certificate() + ";\n    ssl_certificate_key " +
                     place_.path("key.pem") + ";\n" + directives);
  if (::geteuid() == 0) text = "user root;\n" + text;
  place_.write("nginx.conf", text + "}\n");
}

Nginx::~Nginx() {
  stop();
}

void Nginx::start() {
  nginx_ = std::make_unique<Program>(std::vector<std::string>{
      "/usr/sbin/nginx", "-p", place_.path(), "-e", place_.path("errors"), "-c", place_.path("nginx.conf")});
  if (wait_until_serving(*nginx_, {port_, tls_port_})) return;
  const auto why = nginx_->err() + place_.read("errors").value_or("");
  nginx_.reset();
  throw std::runtime_error("nginx did not start: " + why);
}

void Nginx::stop() {
  if (nginx_ == nullptr) return;
  ::kill(-nginx_->pid(), SIGKILL);
  nginx_->wait();
  nginx_.reset();
  // Its workers die when they next run, and take connections until then.
  (void)eventually([&] { return !loopback_accepts(port_) && !loopback_accepts(tls_port_); });
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
