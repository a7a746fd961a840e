#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/tools/loopback.hpp"
#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

namespace recentd::test {

// A real nginx on two free loopback ports that serves a directory by http and https, with its own
// configuration, log, and a certificate that it signed itself for 127.0.0.1. Ready to be asked when the
// constructor returns; ended, with its workers, by the destructor. Throws std::runtime_error.
class Nginx {
 public:
  // `directives` go into the `server` block, `locations` as in conf/nginx-origin.conf included.
  // `common` go in front of it; what they name by a relative path is the server's own.
  explicit Nginx(const std::string& root, const std::string& directives = {}, const std::string& common = {});
  ~Nginx();
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  [[nodiscard]] int port() const noexcept { return port_; }
  // With a slash at the end.
  [[nodiscard]] std::string url() const;
  [[nodiscard]] std::string tls_url() const;
  [[nodiscard]] std::string certificate() const { return place_.path("cert.pem"); }
  // `METHOD TARGET STATUS BYTES CONNECTION` for each request, a line each, bytes with the head; and none of
  // them is late: nginx has answered what its client has read.
  [[nodiscard]] std::vector<std::string> requests() const;
  void forget_requests();
  void stop();
  void start();
  // Stops it in its tracks: it still takes connections and never says a word. Undone by thaw().
  void freeze() const;
  void thaw() const;

 private:
  void configure(const std::string& root, const std::string& directives, const std::string& common) const;

  TempTree place_;
  int port_ = 0, tls_port_ = 0;
  std::unique_ptr<Program> nginx_;
};

}  // namespace recentd::test
