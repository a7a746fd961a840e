#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "transport/transport.hpp"

namespace recentd::delta::test {

// A web server's directory: files come as they are.
class Served : public transport::Transport {
 public:
  explicit Served(std::string root) : root_(std::move(root)) {}
  std::optional<transport::Problem::Nature> broken;  // the connection
  std::vector<std::string> asked_for;                // with the directory in front

  transport::FetchResult fetch(const transport::FetchRequest& request) override {
    transport::FetchResult result;
    result.messages.resize(request.names.size());
    if (broken) result.problem = transport::Problem{*broken, "broken"};
    for (const auto& name : request.names) {
      const auto there = (request.below.empty() ? "" : request.below + "/") + name;
      asked_for.push_back(there);
      result.outcomes.push_back(broken ? transport::Outcome::not_tried : bring(there, name, request));
    }
    return result;
  }
  Listing list(const std::string&) override { return {{}, {}, false}; }
  [[nodiscard]] std::string describe() const override { return "served"; }
  [[nodiscard]] bool sends_whole_files() const override { return true; }

 private:
  transport::Outcome bring(const std::string& there, const std::string& name,
                           const transport::FetchRequest& request) const {
    namespace fs = std::filesystem;
    const auto from = root_ + "/" + there;
    if (!fs::is_regular_file(from)) return transport::Outcome::vanished;
    if (request.max_file_bytes != 0 && fs::file_size(from) > request.max_file_bytes)
      return transport::Outcome::skipped_size;
    fs::remove(request.destination + "/" + name);
    fs::copy_file(from, request.destination + "/" + name);
    fs::last_write_time(request.destination + "/" + name, fs::last_write_time(from));
    return transport::Outcome::transferred;
  }

  std::string root_;
};

}  // namespace recentd::delta::test
