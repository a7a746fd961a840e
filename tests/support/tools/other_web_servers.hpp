#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

namespace recentd::test {

// Apache, with conf/apache-origin.conf, or lighttpd, of Debian, on a free loopback port. Ready to be asked
// when the constructor returns; ended, with its workers, by the destructor. Throws std::runtime_error.
class OtherWebServer {
 public:
  enum class Kind { apache, lighttpd };
  OtherWebServer(Kind kind, const std::string& root);
  ~OtherWebServer();
  OtherWebServer(const OtherWebServer&) = delete;
  OtherWebServer& operator=(const OtherWebServer&) = delete;

  // tools/setup brings both.
  static bool is_installed(Kind kind);

  // With a slash at the end.
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }
  // `METHOD TARGET STATUS` for each request, a line each. Late by a moment.
  [[nodiscard]] std::string requests() const;

 private:
  void configure(Kind kind, const std::string& root);

  TempTree place_;
  int port_ = 0;
  std::vector<std::string> command_;
  std::unique_ptr<Program> server_;
};

}  // namespace recentd::test
