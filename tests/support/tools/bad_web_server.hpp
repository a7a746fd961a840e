#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"

namespace recentd::test {

// A web server that misbehaves, each name in a way of its own: see the script. With a directory it serves the
// files of that, and misbehaves by rules. Ended by the destructor. Throws std::runtime_error.
class BadWebServer {
 public:
  explicit BadWebServer(const std::string& root = {});
  ~BadWebServer();
  BadWebServer(const BadWebServer&) = delete;
  BadWebServer& operator=(const BadWebServer&) = delete;

  // With a slash at the end.
  [[nodiscard]] std::string url() const;
  // The names that were asked for with their Range, a line each, in order.
  [[nodiscard]] std::string requests() const;
  // From now on the first rule whose pattern (a regular expression) fits a name below the directory says how
  // that is served: `page` (to log in), `busy` (503), `storm` (429), `bomb` (gzip that nobody asked for),
  // `endless`, `huge` (promises a terabyte), `cut` (in the middle), `cut=BYTES`, `forged` (one byte of it),
  // `tag` (always the same ETag), `late` (its clock is two hours behind), `other=NAME` (in its place),
  // `from=DIRECTORY`.
  using Rules = std::vector<std::pair<std::string, std::string>>;
  void misbehave(const Rules& rules) const;
  // Bytes of such files that were sent so far, without heads.
  [[nodiscard]] std::uint64_t bytes() const;
  // The content of all its good files.
  [[nodiscard]] static std::string content();

 private:
  TempTree place_;
  int port_ = 0;
  std::unique_ptr<Program> server_;
};

}  // namespace recentd::test
