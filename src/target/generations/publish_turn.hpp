#pragma once

#include <cstdint>
#include <optional>

namespace recentd::target {

// Whether a target's state is published now, and why not. Pure.

struct PublishSituation {
  bool shown = false;          // LINK leads to one of the generations, which is there
  bool news = true;            // the target changed since that one was equal to it, or may have
  bool idle_is_there = false;  // the other generation was made once
  // When the idle one was left, if it was ever shown, and the time now; both in seconds since 1970.
  std::optional<std::int64_t> left_s = {};
  std::int64_t now_s = 0;
  std::int64_t grace_s = 0;
};

enum class PublishTurn : std::uint8_t {
  nothing_new,  // what is shown is the target's state
  wait,         // readers may still be in the idle generation
  bring_up,     // the idle generation, unless somebody is in it
};

PublishTurn publish_turn(const PublishSituation& situation) noexcept;

}  // namespace recentd::target
