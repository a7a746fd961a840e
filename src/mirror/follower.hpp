#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <recentd/error.hpp>

#include "mirror/engine.hpp"
#include "mirror/poll_schedule.hpp"
#include "mirror/trouble_log.hpp"

namespace recentd::mirror {

struct FollowSettings {
  PollTimes polls;
  RetryTimes retries;
  std::int64_t max_errors = -1;  // failed polls in a row that end it; negative: never
  std::uint64_t seed = 0;        // of all chance in it
  std::string source;            // for messages
  std::function<void(std::string_view message)> on_trouble;  // called as often as it is logged; may be empty
};

// Polls an upstream for good: decides how long to rest after each poll, survives whatever goes wrong with
// one, and tells of it. The caller does the waiting. Not for use from two threads.
class Follower {
 public:
  using MakeEngine = std::function<std::unique_ptr<Engine>()>;

  // `engine` is the caller's; after an error of the local file system it is made anew, so that nothing counts
  // as done but what was saved. It may be empty at any time.
  Follower(FollowSettings settings, std::unique_ptr<Engine>& engine, MakeEngine make, Clock& clock,
           Observer& observer);

  // One poll, and all that it finds to do. Returns the time until the next one. Throws Error once max_errors
  // polls in a row have failed, and Error{internal} at once.
  std::chrono::nanoseconds poll();

 private:
  void work();
  std::chrono::nanoseconds after_success(std::chrono::nanoseconds start);
  std::chrono::nanoseconds after_trouble(const Error& error);

  FollowSettings settings_;
  std::unique_ptr<Engine>& engine_;
  MakeEngine make_;
  Clock& clock_;
  Observer& observer_;
  Jitter jitter_;
  Backoff backoff_;
  TroubleLog trouble_log_;
};

}  // namespace recentd::mirror
