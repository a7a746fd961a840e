#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "transport/transport.hpp"

namespace recentd::test {

// A transport that copies from a directory of this machine the way rsync does (quick check by size and time,
// temporary file and rename), and fails on demand.
class SimulatedUpstream : public transport::Transport {
 public:
  explicit SimulatedUpstream(std::string directory) : directory_(std::move(directory)) {}

  transport::FetchResult fetch(const transport::FetchRequest& request) override;
  Listing list(const std::string& pattern) override;
  [[nodiscard]] std::string describe() const override { return "simulated"; }

  std::set<std::string> unreadable;             // names that fail
  std::set<std::string> unfit;                  // names for which there is no room in the target
  std::map<std::string, std::string> replaced;  // names that arrive with other bytes (broken on the way)
  int connections = 0;                          // how many were made
  int break_after_names = -1;                   // each connection breaks after so many names; negative: never
  std::string breaks_at;                        // a connection that comes to this name breaks there
  bool down = false;                            // no connection at all
  std::optional<transport::Problem> refuses;    // what each connection ends with before it brought anything
  std::function<void(const transport::FetchRequest&)> before_fetch;
  bool lets_overtake = false;  // a request's now_and_then is called before each name's turn
  std::function<void(const std::string&)> before_name;  // within a connection, before each name's turn
  std::vector<std::string> written;                     // content that really travelled, in order

 private:
  transport::Outcome copy(const std::string& name, const transport::FetchRequest& request);
  std::string directory_;
};

}  // namespace recentd::test
