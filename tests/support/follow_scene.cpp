#include "support/follow_scene.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <unistd.h>

namespace recentd::test {

CapturedStderr::CapturedStderr() : file_(std::tmpfile(), std::fclose), kept_(::dup(STDERR_FILENO)) {
  if (file_ == nullptr || kept_ < 0 || ::dup2(::fileno(file_.get()), STDERR_FILENO) < 0)
    throw std::runtime_error("cannot capture stderr");
}

CapturedStderr::~CapturedStderr() {
  ::dup2(kept_, STDERR_FILENO);
  ::close(kept_);
}

std::string CapturedStderr::text() const {
  std::string all;
  std::array<char, 4096> buffer{};
  off_t at = 0;
  for (;;) {
    const auto n = ::pread(::fileno(file_.get()), buffer.data(), buffer.size(), at);
    if (n <= 0) return all;
    all.append(buffer.data(), static_cast<std::size_t>(n));
    at += n;
  }
}

int CapturedStderr::lines_with(const std::string& words) const {
  const auto all = text();
  int count = 0;
  for (std::size_t at = 0; at < all.size();) {
    const auto end = std::min(all.find('\n', at), all.size());
    if (all.substr(at, end - at).find(words) != std::string::npos) ++count;
    at = end + 1;
  }
  return count;
}

FollowScene::FollowScene() {
  following.polls = {std::chrono::seconds(20), std::chrono::seconds(1)};
  following.seed = 42;
  following.probe_directory = down.path(".recentd/probe");
  following.copies = down.path(".recentd/index");
  options.poll.ttl = std::chrono::seconds(20);
}

void FollowScene::begin() {
  (void)down.make_directory(".recentd");
  std::vector<upstream::Upstreams::Upstream> all = {{upstream::split_source(options.source), &upstream}};
  for (auto* other : others)
    all.push_back({upstream::split_source("other" + std::to_string(all.size()) + "/"), other});
  upstreams_ = std::make_unique<upstream::Upstreams>(std::move(all));
  follower_ = std::make_unique<mirror::Follower>(
      following, *upstreams_, [this] { return make_pass(*upstreams_); }, clock, recorder);
}

void FollowScene::restart_follower() {
  follower_.reset();
}

void FollowScene::poll() {
  if (!follower_) begin();
  polls.push_back(steady());
  wait(std::chrono::duration<double>(follower_->poll()).count());
}

void FollowScene::run_for(double seconds) {
  const double end = steady() + seconds;
  while (steady() < end) poll();
}

double FollowScene::longest_gap(std::size_t from) const {
  double longest = 0;
  for (std::size_t i = from + 1; i < polls.size(); ++i) longest = std::max(longest, polls[i] - polls[i - 1]);
  return longest;
}

double FollowScene::shortest_gap(std::size_t from) const {
  double shortest = 1e99;
  for (std::size_t i = from + 1; i < polls.size(); ++i)
    shortest = std::min(shortest, polls[i] - polls[i - 1]);
  return shortest;
}

}  // namespace recentd::test
