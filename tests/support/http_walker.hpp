#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/invariant_watcher.hpp"
#include "support/tools/http_client.hpp"

namespace recentd::test {

// Walks mirrors behind web servers all the time, as any reader may: fetches the index files, and then each
// file that they name as there. One that the server has not got, although the same event names it before and
// after that answer, is a violation, unless the mirror has noted that it cannot be had. One thread of its
// own; ends with the destructor.
class HttpWalker {
 public:
  struct Tree {
    int port = 0;
    std::string below;  // the directory's path there, with slashes at both ends
    std::string place;  // of the mirror on disk
  };
  HttpWalker(std::vector<Tree> trees, std::vector<std::string> intervals);
  HttpWalker(const HttpWalker&) = delete;
  HttpWalker& operator=(const HttpWalker&) = delete;
  ~HttpWalker();

  // Ends the walks; the violations, one line each.
  std::vector<std::string> stop();
  // Whole walks of a tree, and files that they got.
  [[nodiscard]] std::uint64_t walks() const noexcept { return walks_; }
  [[nodiscard]] std::uint64_t files() const noexcept { return files_; }

 private:
  using Words = std::map<std::string, NewestWord>;
  void walk(const Tree& tree, HttpClient& client);
  [[nodiscard]] Words read(const Tree& tree, HttpClient& client);

  std::vector<Tree> trees_;
  std::vector<std::string> intervals_;
  std::vector<std::string> violations_;
  std::set<std::string> reported_;
  std::atomic<std::uint64_t> walks_ = 0, files_ = 0;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace recentd::test
