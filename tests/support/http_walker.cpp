#include "support/http_walker.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include "support/tools/temp_tree.hpp"

namespace recentd::test {
namespace {

constexpr auto k_pause = std::chrono::milliseconds(15);  // others have to get on, too

}  // namespace

HttpWalker::HttpWalker(std::vector<Tree> trees, std::vector<std::string> intervals)
    : trees_(std::move(trees)), intervals_(std::move(intervals)), thread_([this] {
        std::vector<std::unique_ptr<HttpClient>> clients;
        for (const auto& tree : trees_) clients.push_back(std::make_unique<HttpClient>(tree.port));
        while (!stop_)
          for (std::size_t i = 0; i < trees_.size(); ++i) {
            walk(trees_[i], *clients[i]);
            std::this_thread::sleep_for(k_pause);
          }
      }) {}

HttpWalker::~HttpWalker() {
  stop();
}

std::vector<std::string> HttpWalker::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  return violations_;
}

HttpWalker::Words HttpWalker::read(const Tree& tree, HttpClient& client) {
  Words words;
  for (const auto& interval : intervals_) {
    const auto answer = client.get(tree.below + "RECENT-" + interval + ".yaml");
    if (answer.status == 200) take_words(answer.body, words);
  }
  return words;
}

void HttpWalker::walk(const Tree& tree, HttpClient& client) {
  struct Miss {
    std::string path, epoch;
    int status;
  };
  std::vector<Miss> missed;
  for (const auto& [path, word] : read(tree, client)) {
    if (!word.present) continue;
    const auto answer = client.get(tree.below + path);
    if (answer.status == 200)
      ++files_;
    else
      missed.push_back({path, word.epoch, answer.status});
  }
  ++walks_;
  if (missed.empty()) return;
  const auto state = read_file(tree.place + "/.recentd/state").value_or("");
  const auto again = read(tree, client);
  for (const auto& [path, epoch, status] : missed) {
    const auto word = again.find(path);
    const bool stands = word != again.end() && word->second.present && word->second.epoch == epoch;
    if (!stands || known_missing(state, path)) continue;
    const auto line =
        tree.below + path + " is new at " + epoch + ", and answered by " + std::to_string(status);
    if (reported_.insert(line).second) violations_.push_back(line);
  }
}

}  // namespace recentd::test
