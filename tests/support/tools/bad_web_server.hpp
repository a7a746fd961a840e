#pragma once

#include <memory>
#include <string>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

namespace recentd::test {

// A web server that misbehaves, each name in a way of its own: see the script. Ended by the destructor.
// Throws std::runtime_error.
class BadWebServer {
 public:
  BadWebServer();
  ~BadWebServer();
  BadWebServer(const BadWebServer&) = delete;
  BadWebServer& operator=(const BadWebServer&) = delete;

  // With a slash at the end.
  [[nodiscard]] std::string url() const;
  // The names that were asked for with their Range, a line each, in order.
  [[nodiscard]] std::string requests() const;
  // The content of all its good files.
  [[nodiscard]] static std::string content();

 private:
  TempTree place_;
  int port_ = 0;
  std::unique_ptr<Program> server_;
};

}  // namespace recentd::test
