#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <recentd/error.hpp>

#include "base/log_throttle.hpp"
#include "mirror/follow/poll_schedule.hpp"
#include "mirror/pass.hpp"
#include "upstream/probe.hpp"
#include "upstream/upstream_choice.hpp"
#include "upstream/upstreams.hpp"

namespace recentd::mirror {

struct FollowSettings {
  PollTimes polls;
  upstream::ChoiceTimes choice;
  std::int64_t max_errors = -1;         // failed polls in a row that end it; negative: never
  bool first_must_work = false;         // a first poll that brings no index ends it
  std::uint64_t seed = 0;               // of all chance in it
  std::string probe_directory, copies;  // see Probe
  std::vector<std::string> allow_suffixes;
  std::uint64_t max_index_size = ConnectOptions{}.max_index_size;
  std::function<void()> before_poll;  // throws Error where a poll makes no sense now; may be empty
  // Whether what it works on is another thing by now, so that no error there counts; may be empty.
  std::function<bool()> displaced;
  std::function<void(std::string_view message)> on_trouble;  // called as often as it is logged; may be empty
};
// What of them the options say, with a new seed; copies of index files lie below that directory.
FollowSettings settings_by(const MirrorOptions& options, const std::string& index_directory);

// Polls the best of some upstreams for good: decides which one, how long to rest after each poll, survives
// whatever goes wrong with one, and tells of it. The caller does the waiting. Not for use from two threads.
class Follower {
 public:
  using MakePass = std::function<std::unique_ptr<Pass>()>;

  // `make` makes a pass that works with `upstreams`. The follower owns it, and has it made anew for another
  // upstream, and after an error of the local file system, so that nothing counts as done but what was saved.
  // `upstreams`, clock and observer must outlive it.
  Follower(FollowSettings settings, upstream::Upstreams& upstreams, MakePass make, Clock& clock,
           Observer& observer);

  // The pass that works with the selected upstream, made if there is none. Throws as its constructor.
  Pass& pass();
  // The same, but nullptr if there is none: at the start, and after an error until the next poll.
  [[nodiscard]] Pass* present_pass() noexcept { return pass_.get(); }
  // Goes on with another upstream, with a pass that is made anew.
  void select(std::size_t upstream);

  // Looks at upstreams that are due for it, and selects the one to follow now. Returns how long to wait
  // before any may be asked.
  std::chrono::nanoseconds select();
  // One poll of it, and all that it finds to do. Returns the time until the next one: none if it was
  // displaced. Throws Error once max_errors polls in a row have failed, and Error{internal} at once.
  std::chrono::nanoseconds poll();
  // Somebody wishes that the next poll does not wait for an upstream that was to be left alone.
  void hurry() noexcept { choice_.retry_now(); }
  // Whether the last poll() asked the upstream; it does not while each of them has to be left alone.
  [[nodiscard]] bool asked() const noexcept { return asked_; }
  // For those who work without poll(): notes that the selected upstream failed, and selects another one that
  // may be tried at once. False if there is none, or if the error is not the upstream's.
  bool move_on(const Error& error);

 private:
  void probe(std::size_t i);
  void follow(const upstream::UpstreamChoice::Next& next);
  void keep_below_ceiling();
  void appoint_fallbacks();
  void note_success();
  void note_failure(const Error& error);
  Pass::End work();
  [[nodiscard]] upstream::UpstreamStatus status_of(std::size_t i, const upstream::LevelFacts& facts) const;
  std::chrono::nanoseconds after_trouble(const Error& error);

  FollowSettings settings_;
  upstream::Upstreams& upstreams_;
  MakePass make_;
  Clock& clock_;
  Observer& observer_;
  Jitter jitter_;
  upstream::UpstreamChoice choice_;
  upstream::Probe probe_;
  Backoff local_backoff_;  // after trouble on our side, which no other upstream mends
  std::int64_t failures_ = 0;
  bool asked_ = false;
  bool begun_ = false;                 // an index has arrived
  std::vector<LogThrottle> troubles_;  // one for each upstream
  // By upstream: the dirtymark with which it was refused as another tree. It is fresh only for who believes
  // it.
  std::vector<std::optional<std::string>> strangers_;
  std::unique_ptr<Pass> pass_;  // empty at the start and after an error
};

}  // namespace recentd::mirror
