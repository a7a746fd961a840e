#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/tools/run_program.hpp"
#include "support/tools/temp_tree.hpp"
#include "support/tree_server.hpp"

namespace recentd::test {

// A place with a tree `origin`, a stock server of it as module `pub` (see TreeServer), and room beside it for
// mirrors, all driven through the built `recentd` as a person would. Changes on disk are noted and registered
// together by announce(). Not for use from two threads. Functions throw std::runtime_error when a step goes
// wrong that no test is about.
class Upstream {
 public:
  // The server has `modules` besides; their paths are relative to the place.
  explicit Upstream(std::vector<RsyncModule> modules = {});
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  [[nodiscard]] const TempTree& place() const noexcept { return place_; }
  [[nodiscard]] std::string root() const { return place_.path("origin"); }
  [[nodiscard]] std::string path(std::string_view relative) const { return place_.path(relative); }
  [[nodiscard]] TreeServer& server() noexcept { return server_; }
  [[nodiscard]] RsyncDaemon& daemon() { return server_.daemon(); }
  [[nodiscard]] std::string url(const std::string& behind = {}) const { return server_.url("pub", behind); }

  // `recentd init` of what has been put so far.
  void init(const std::vector<std::string>& options = {});
  // A file gets these bytes, as a rename would do it; a link; a file, link or whole directory goes.
  void put(std::string_view name, std::string_view bytes);
  void put_link(std::string_view name, std::string_view target);
  void remove(std::string_view name);
  // `recentd update` with all changes since the last time, in their order.
  void announce(const std::vector<std::string>& options = {});
  // Forgets the changes instead: the index never hears of them.
  void conceal() { records_.clear(); }
  // `recentd aggregate`, by default with --force.
  void aggregate(const std::vector<std::string>& options = {"--force"}) const;

  // `recentd mirror` of the module into the place's directory `target`.
  [[nodiscard]] ProgramResult mirror(const std::string& target, const std::vector<std::string>& options = {},
                                     const Environment& environment = {}) const;
  // How origin and target differ, one name a line; empty if they are equal (see differences()).
  [[nodiscard]] std::string difference(const std::string& target) const;

 private:
  void note(const char* type, std::string_view name);

  TempTree place_;
  TreeServer server_;
  std::string records_;
};

// The same for any two trees.
std::string difference(const std::string& left, const std::string& right);

}  // namespace recentd::test
