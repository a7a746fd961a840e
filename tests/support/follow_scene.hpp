#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "mirror/follow/follower.hpp"
#include "support/mirror_scene.hpp"

namespace recentd::test {

// What the process writes to its standard error while this lives. One at a time.
class CapturedStderr {
 public:
  CapturedStderr();
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;
  ~CapturedStderr();
  [[nodiscard]] std::string text() const;
  // Lines that hold `words`.
  [[nodiscard]] int lines_with(const std::string& words) const;

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  int kept_;
};

// A mirror that follows its origin as a service does, for as long as a test likes: waiting costs nothing.
class FollowScene : public MirrorScene {
 public:
  mirror::FollowSettings following;
  // Upstreams besides the scene's own, which is the first; add them before the first poll.
  std::vector<SimulatedUpstream*> others;
  // The one that is followed, counted from 0.
  [[nodiscard]] std::size_t followed() const { return upstreams_ ? upstreams_->selected() : 0; }

  FollowScene();
  // Polls and rests for so long; wall and steady clock go on alike.
  void run_for(double seconds);
  // One poll and the rest after it.
  void poll();
  // As a new process would go on.
  void restart_follower();
  // The steady clock's seconds at the beginning of each poll.
  std::vector<double> polls;
  // The longest and the shortest time between two polls from the n-th on.
  [[nodiscard]] double longest_gap(std::size_t from = 0) const;
  [[nodiscard]] double shortest_gap(std::size_t from = 0) const;
  [[nodiscard]] double steady() const { return std::chrono::duration<double>(clock.steady()).count(); }

  // What the follower works with now. Precondition: there was a poll, and it did not end in an error of this
  // side.
  [[nodiscard]] mirror::Pass& followed_pass() { return *follower_->present_pass(); }

 private:
  void begin();
  std::unique_ptr<upstream::Upstreams> upstreams_;
  std::unique_ptr<mirror::Follower> follower_;
};

}  // namespace recentd::test
